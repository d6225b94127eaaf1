// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/database.h"

#include <QDateTime>

#include <vector>

namespace ember::dataset {

/// A model as a file in the project.
struct StoredModel
{
    ModelId id;
    RunId run; ///< invalid: imported
    QString name;
    QString hash;      ///< SHA-256 of the ONNX bytes; set by add()
    QDateTime created; ///< UTC; set when invalid
};

/// What a board (real or emulated) answered compared with the desktop.
struct Verification
{
    VerificationId id;
    ModelId model;
    QString target;
    QString source; ///< "emulated" or "measured"
    qint64 rows = 0;
    qint64 mismatched = 0;
    qint64 labelFlips = 0;
    bool bitExact = false;
    QJsonObject report;
    QDateTime created; ///< UTC; set when invalid
};

/// A bundle or source folder that was written out.
struct Export
{
    ExportId id;
    ModelId model;
    QString kind; ///< "sources", "arduino", "cmake" ...
    QString target;
    QString path;
    QString sha256;
    QDateTime created; ///< UTC; set when invalid
};

/// Models and what was proved and made of them. Borrowed from Project; same thread.
class ModelTable
{
public:
    explicit ModelTable(Database& database)
        : m_database(&database)
    {}

    /// Takes name and run from `model`; equal bytes are stored again under their own name and run.
    Result<ModelId> add(const StoredModel& model, const QByteArray& onnx);
    Result<StoredModel> get(ModelId id) const;
    Result<QByteArray> onnx(ModelId id) const;
    Result<std::vector<StoredModel>> list() const;

    Result<VerificationId> addVerification(const Verification& verification);
    /// Newest first; of all models when `model` is invalid.
    Result<std::vector<Verification>> verifications(ModelId model = {}) const;

    Result<ExportId> addExport(const Export& made);
    Result<std::vector<Export>> exports(ModelId model = {}) const;

private:
    Database* m_database;
};

} // namespace ember::dataset
