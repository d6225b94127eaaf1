// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/model_table.h"

#include "core/dataset/rows.h"

#include <QCryptographicHash>

namespace ember::dataset {
namespace {

Result<StoredModel> readModel(const Statement& row)
{
    return StoredModel{row.id<ModelId>(0), row.id<RunId>(1), row.text(2), row.text(3),
                       detail::fromMilliseconds(row.integer(4))};
}

Result<Verification> readVerification(const Statement& row)
{
    Verification verification;
    verification.id = row.id<VerificationId>(0);
    verification.model = row.id<ModelId>(1);
    verification.target = row.text(2);
    verification.source = row.text(3);
    verification.rows = row.integer(4);
    verification.mismatched = row.integer(5);
    verification.labelFlips = row.integer(6);
    verification.bitExact = row.integer(7) != 0;
    verification.report = row.json(8);
    verification.created = detail::fromMilliseconds(row.integer(9));
    return verification;
}

Result<Export> readExport(const Statement& row)
{
    return Export{row.id<ExportId>(0),
                  row.id<ModelId>(1),
                  row.text(2),
                  row.text(3),
                  row.text(4),
                  row.text(5),
                  detail::fromMilliseconds(row.integer(6))};
}

} // namespace

Result<ModelId> ModelTable::add(const StoredModel& model, const QByteArray& onnx)
{
    const QByteArray digest = QCryptographicHash::hash(onnx, QCryptographicHash::Sha256).toHex();
    EMBER_CHECK(m_database->change("INSERT INTO models (run, name, hash, created_ms, onnx) VALUES (?, ?, ?, ?, ?)",
                                   model.run, model.name, QString::fromLatin1(digest),
                                   detail::toMilliseconds(model.created), onnx));
    return ModelId{m_database->lastInsertId()};
}

Result<StoredModel> ModelTable::get(ModelId id) const
{
    return detail::readOne<StoredModel>(
        m_database->query("SELECT id, run, name, hash, created_ms FROM models WHERE id = ?", id), readModel,
        detail::noSuchRow(QStringLiteral("model"), id.value));
}

Result<QByteArray> ModelTable::onnx(ModelId id) const
{
    return detail::readOne<QByteArray>(
        m_database->query("SELECT onnx FROM models WHERE id = ?", id),
        [](const Statement& row) -> Result<QByteArray> { return row.blob(0); },
        detail::noSuchRow(QStringLiteral("model"), id.value));
}

Result<std::vector<StoredModel>> ModelTable::list() const
{
    return detail::readAll<StoredModel>(
        m_database->query("SELECT id, run, name, hash, created_ms FROM models ORDER BY id"), readModel);
}

Result<VerificationId> ModelTable::addVerification(const Verification& verification)
{
    EMBER_CHECK(m_database->change(
        "INSERT INTO verifications (model, target, source, row_count, mismatched, label_flips, bit_exact, report,"
        " created_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        verification.model, verification.target, verification.source, verification.rows, verification.mismatched,
        verification.labelFlips, verification.bitExact, verification.report,
        detail::toMilliseconds(verification.created)));
    return VerificationId{m_database->lastInsertId()};
}

Result<std::vector<Verification>> ModelTable::verifications(ModelId model) const
{
    return detail::readAll<Verification>(
        m_database->query("SELECT id, model, target, source, row_count, mismatched, label_flips, bit_exact, report,"
                          " created_ms FROM verifications WHERE ?1 IS NULL OR model = ?1 ORDER BY id DESC",
                          model),
        readVerification);
}

Result<ExportId> ModelTable::addExport(const Export& made)
{
    EMBER_CHECK(m_database->change(
        "INSERT INTO exports (model, kind, target, path, sha256, created_ms) VALUES (?, ?, ?, ?, ?, ?)", made.model,
        made.kind, made.target, made.path, made.sha256, detail::toMilliseconds(made.created)));
    return ExportId{m_database->lastInsertId()};
}

Result<std::vector<Export>> ModelTable::exports(ModelId model) const
{
    return detail::readAll<Export>(
        m_database->query("SELECT id, model, kind, target, path, sha256, created_ms FROM exports"
                          " WHERE ?1 IS NULL OR model = ?1 ORDER BY id DESC",
                          model),
        readExport);
}

} // namespace ember::dataset
