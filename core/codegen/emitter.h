// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/codegen/firmware_recipe.h"
#include "core/codegen/lower.h"

#include <QByteArray>
#include <QString>
#include <QStringList>

#include <vector>

namespace ember::codegen {

struct GeneratedFile
{
    QString path; ///< relative, with slashes: "gestures.cpp", "ember/forest.hpp"
    QByteArray bytes;
};

/// Generated sources of one model.
struct GeneratedModel
{
    QString name; ///< identifier, as LoweredModel::name
    QString hash; ///< as LoweredModel::hash
    /// The user's bundle: <name>.hpp, <name>.cpp, and copies of exactly the runtime headers these include.
    std::vector<GeneratedFile> files;
    /// Fills agent::ModelDescriptor for our own firmware; no part of the bundle. Compiled with device-agent/ and the
    /// bundle's folder in the include path.
    GeneratedFile glue;
    bool speedFlags = false;    ///< to be compiled with -O2; otherwise -Os, which suits trees in every form
    AgentParts agentParts;      ///< what our own firmware needs for it
    qint64 flashConstBytes = 0; ///< constant tables and class names
    qint64 ramBytes = 0;        ///< state, buffers and scratch that the generated code declares, see <NAME>_RAM_BYTES
};

/// A figure for the header comment, with its origin: {"flash", "4712 B", "estimated"}.
struct CostNote
{
    QString what;
    QString value;
    QString source;
};

/// Inputs with their answers as our own firmware carries them: see agent::SelfTestVectors.
struct StoredVectors
{
    QByteArray table;
    int count = 0; ///< 0: the firmware has none
    qsizetype inputBytes = 0;
};

/// Prints a lowered model as C++14. Same input, same bytes. Errors: Unsupported with the reason; NotFound when a
/// runtime header is missing from the installation.
Result<GeneratedModel> generate(const LoweredModel& model, const std::vector<CostNote>& costs = {},
                                const StoredVectors& selfTest = {});

/// Writes the files under `directory`, which is created when missing; returns the paths written, in order. Errors: Io.
Result<QStringList> writeGenerated(const GeneratedModel& generated, const QString& directory);

} // namespace ember::codegen
