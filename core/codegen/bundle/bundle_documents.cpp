// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/bundle/bundle_parts.h"
#include "core/codegen/emit_text.h"
#include "core/device/board.h"

#include <QCryptographicHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QUuid>

namespace ember::codegen {
namespace {

QJsonArray licence(const char* id)
{
    return {QJsonObject{{QStringLiteral("license"), QJsonObject{{QStringLiteral("id"), QLatin1String(id)}}}}};
}

QJsonObject fileComponent(const GeneratedFile& file)
{
    const QByteArray hash = QCryptographicHash::hash(file.bytes, QCryptographicHash::Sha256).toHex();
    return {{QStringLiteral("type"), QStringLiteral("file")},
            {QStringLiteral("name"), file.path},
            {QStringLiteral("licenses"), licence("MIT-0")},
            {QStringLiteral("hashes"), QJsonArray{QJsonObject{{QStringLiteral("alg"), QStringLiteral("SHA-256")},
                                                              {QStringLiteral("content"), QLatin1String(hash)}}}}};
}

/// What a toolchain's own libraries put into an image; their versions are the compiler package's business.
QJsonArray linkedLibraries(const BundleContent& content)
{
    const auto library = [&](const char* name, const QJsonArray& licences) {
        return QJsonObject{{QStringLiteral("type"), QStringLiteral("library")},
                           {QStringLiteral("name"), QLatin1String(name)},
                           {QStringLiteral("description"), QStringLiteral("of ") + content.compilerVersion},
                           {QStringLiteral("licenses"), licences}};
    };
    const QJsonArray gcc = {
        QJsonObject{{QStringLiteral("expression"), QStringLiteral("GPL-3.0-or-later WITH GCC-exception-3.1")}}};
    const bool avr = content.board.toolchain.family == QLatin1String("avr");
    const QJsonArray bsd = {
        QJsonObject{{QStringLiteral("license"),
                     QJsonObject{{QStringLiteral("name"), QStringLiteral("BSD-style, see the library")}}}}};
    return {library("libgcc", gcc), library(avr ? "avr-libc" : "newlib", bsd)};
}

/// The same for the same bundle: of the files, not of chance or the day.
QString serialNumber(const FileList& files)
{
    QCryptographicHash hash(QCryptographicHash::Sha256);
    for (const GeneratedFile& file : files) {
        hash.addData(file.path.toUtf8());
        hash.addData(QByteArrayView("\0", 1));
        hash.addData(QCryptographicHash::hash(file.bytes, QCryptographicHash::Sha256));
    }
    const QUuid space(QStringLiteral("{6ba7b812-9dad-11d1-80b4-00c04fd430c8}")); // RFC 4122's for ISO object ids
    return QStringLiteral("urn:uuid:") + QUuid::createUuidV5(space, hash.result()).toString(QUuid::WithoutBraces);
}

QString oneLine(const QJsonValue& value)
{
    if (value.isDouble())
        return QString::number(value.toDouble(), 'g', 6);
    if (value.isArray()) {
        QStringList parts;
        for (const QJsonValue& part : value.toArray())
            parts << oneLine(part);
        return parts.join(QStringLiteral(", "));
    }
    return commentText(value.toString());
}

QString row(const QString& what, const QJsonValue& value)
{
    const QString text = oneLine(value);
    return text.isEmpty() ? QString() : QStringLiteral("| %1 | %2 |\n").arg(what, QString(text).replace(u'|', u'/'));
}

QString costRows(const QJsonObject& cost)
{
    QString text;
    const QString source = cost.value(QStringLiteral("source")).toString();
    for (const auto& [key, unit] : {std::pair("flash_bytes", "bytes of flash"),
                                    {"ram_bytes", "bytes of RAM"},
                                    {"stack_bytes", "bytes of stack"},
                                    {"instructions", "instructions an inference"},
                                    {"cycles", "cycles an inference"},
                                    {"energy_uj", "microjoules an inference"}}) {
        const QJsonValue value = cost.value(QLatin1String(key));
        if (value.isDouble())
            text += QStringLiteral("| %1 | %2 | %3 |\n").arg(QLatin1String(unit), oneLine(value), source);
    }
    return text;
}

QString scoresText(const QJsonObject& card)
{
    const QJsonObject scores = card.value(QStringLiteral("scores")).toObject();
    if (scores.isEmpty())
        return QStringLiteral("None are known: the model did not come from a run of a project.\n");
    QString text = QStringLiteral("| | |\n|---|---|\n");
    for (const char* key : {"f1", "interval95", "accuracy", "accuracy_interval95", "balanced_accuracy", "mcc",
                            "roc_auc", "r2", "rmse", "mae"})
        text += row(QLatin1String(key), scores.value(QLatin1String(key)));
    return text + row(QStringLiteral("validation"),
                      card.value(QStringLiteral("validation")).toObject().value(QStringLiteral("method")));
}

QString proofText(const QJsonObject& card)
{
    const QJsonObject proof = card.value(QStringLiteral("verification")).toObject();
    if (proof.isEmpty())
        return QStringLiteral(
            "Not verified on this board yet: `emberlab verify` does it, and the self-test in this bundle.\n");
    return QStringLiteral("%1 inputs on %2 (%3): %4, %5 labels other than the float model's.\n")
        .arg(oneLine(proof.value(QStringLiteral("rows"))), oneLine(proof.value(QStringLiteral("board"))),
             oneLine(proof.value(QStringLiteral("source"))),
             proof.value(QStringLiteral("bit_exact")).toBool() ? QStringLiteral("bit exact")
                                                               : QStringLiteral("not bit exact"),
             oneLine(proof.value(QStringLiteral("label_flips"))));
}

} // namespace

QByteArray sbomText(const FileList& files, const BundleSources& sources, const BundleContent& content)
{
    const QString hash = content.generated.hash;
    QJsonArray components;
    for (const GeneratedFile& file : files) {
        if (file.path.endsWith(QLatin1String(".hpp")) || file.path.endsWith(QLatin1String(".cpp")))
            components.append(fileComponent(file));
    }
    if (content.kind == BundleKind::Firmware) {
        for (const QJsonValue& library : linkedLibraries(content))
            components.append(library);
    }
    const QJsonObject model{{QStringLiteral("type"), QStringLiteral("machine-learning-model")},
                            {QStringLiteral("bom-ref"), QStringLiteral("model-") + hash.left(16)},
                            {QStringLiteral("name"), sources.name},
                            {QStringLiteral("version"), hash.left(16)},
                            {QStringLiteral("description"), sources.title}};
    const QJsonObject tool{{QStringLiteral("name"), QStringLiteral("Emberlab")}};
    const QJsonObject bom{{QStringLiteral("bomFormat"), QStringLiteral("CycloneDX")},
                          {QStringLiteral("specVersion"), QStringLiteral("1.5")},
                          {QStringLiteral("serialNumber"), serialNumber(files)},
                          {QStringLiteral("version"), 1},
                          {QStringLiteral("metadata"), QJsonObject{{QStringLiteral("tools"), QJsonArray{tool}},
                                                                   {QStringLiteral("component"), model}}},
                          {QStringLiteral("components"), components}};
    return QJsonDocument(bom).toJson(QJsonDocument::Indented);
}

QByteArray modelCardText(const QJsonObject& card)
{
    const auto text = [&card](const char* key) { return card.value(QLatin1String(key)); };
    QString page = QStringLiteral("# Model card: %1\n\n| | |\n|---|---|\n").arg(oneLine(text("title")));
    page += row(QStringLiteral("trainer"), text("trainer")) + row(QStringLiteral("kind"), text("kind")) +
            row(QStringLiteral("what it is"), text("description")) + row(QStringLiteral("input"), text("input")) +
            row(QStringLiteral("classes"), text("classes")) + row(QStringLiteral("board"), text("board")) +
            row(QStringLiteral("hash of the model"), text("model_hash")) +
            row(QStringLiteral("hash of the data"), text("dataset_hash")) +
            row(QStringLiteral("hash of the code"), text("code_hash"));
    page += QStringLiteral("\n## Scores\n\n") + scoresText(card);
    page += QStringLiteral("\n## Costs on the board\n\n| | | source |\n|---|---|---|\n");
    for (const QJsonValue& cost : text("costs").toArray())
        page += costRows(cost.toObject());
    page += QStringLiteral(
                "\n*Estimated*: a formula. *Emulated*: the linked image on an instruction-set emulator. *Measured*: a "
                "physical board.\n\n## Proof\n\n") +
            proofText(card) + QStringLiteral("\n## Limits\n\n");
    for (const QJsonValue& limit : text("limits").toArray())
        page += QStringLiteral("- %1\n").arg(oneLine(limit));
    return page.toUtf8();
}

} // namespace ember::codegen
