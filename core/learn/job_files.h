// SPDX-License-Identifier: GPL-3.0-or-later
// Names and small formats inside a job's folder, shared by writer, worker and runner. Private to this folder.
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QJsonObject>
#include <QString>

namespace ember::learn::files {

inline constexpr char kJobFile[] = "job.json";
inline constexpr char kFeaturesFile[] = "X.npy";
inline constexpr char kLabelsFile[] = "y.npy";
inline constexpr char kTargetsFile[] = "targets.npy";
inline constexpr char kModelFile[] = "model.onnx";
inline constexpr char kResultFile[] = "result.json";
inline constexpr char kLogFile[] = "log.txt";

/// Errors: NotFound, Io, BadData.
Result<QJsonObject> readJsonFile(const QString& path);

/// Whole or not at all. Errors: Io.
Status writeFile(const QString& path, const QByteArray& bytes);

QJsonObject errorToJson(const Error& error);
Error errorFromJson(const QJsonObject& json);

} // namespace ember::learn::files
