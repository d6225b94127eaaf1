// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/bundle/bundle.h"
#include "core/codegen/bundle/self_test.h"

namespace ember::codegen {

using FileList = std::vector<GeneratedFile>;

/// The model's own sources with its self-test, as they lie beside each other in every bundle.
struct BundleSources
{
    FileList files;
    QString name;  ///< identifier
    QString macro; ///< the same in capitals
    QString title; ///< as the user wrote it, fit for one line of any text file

    QStringList compiled() const; ///< paths of what a compiler is given
};

/// Adds `files` under `folder` ("src"; empty: the root).
void addUnder(FileList& to, const QString& folder, const FileList& files);

/// Puts values for "@name@", "@NAME@" (the macro) and "@title@"; the bytes are UTF-8.
QByteArray filledTemplate(QString text, const BundleSources& sources);

/// What differs between kinds; bundle_kinds.cpp and bundle_firmware.cpp.
Result<FileList> arduinoFiles(const BundleSources& sources, const BundleContent& content);
Result<FileList> platformIoFiles(const BundleSources& sources, const BundleContent& content);
Result<FileList> cmakeFiles(const BundleSources& sources, const BundleContent& content);
Result<FileList> zephyrFiles(const BundleSources& sources, const BundleContent& content);
Result<FileList> cmsisPackFiles(const BundleSources& sources, const BundleContent& content);
Result<FileList> firmwareFiles(const BundleSources& sources, const BundleContent& content);

/// "2 steps that put it to use", for the README.
QString usageText(BundleKind kind, const BundleSources& sources, const device::Board& board);

/// CycloneDX 1.5: the model, the runtime headers by hash, what the image is linked with, all licences.
QByteArray sbomText(const FileList& files, const BundleSources& sources, const BundleContent& content);

/// The card for people; `card` is the same for programs.
QByteArray modelCardText(const QJsonObject& card);

} // namespace ember::codegen
