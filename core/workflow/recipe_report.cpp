// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/recipe.h"

#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QSaveFile>
#include <QXmlStreamWriter>

#include <cmath>

namespace ember::workflow {
namespace {

QString gateSentence(const RecipeGate& gate)
{
    return QStringLiteral("%1: %2 against a limit of %3 %4")
        .arg(gate.name, gateValueText(gate))
        .arg(gate.limit, 0, 'g', 6)
        .arg(gate.unit)
        .trimmed();
}

void writeCase(QXmlStreamWriter& xml, const QString& group, const QString& name, double seconds, const QString& failure,
               const QString& output)
{
    xml.writeStartElement(QStringLiteral("testcase"));
    xml.writeAttribute(QStringLiteral("classname"), group);
    xml.writeAttribute(QStringLiteral("name"), name);
    xml.writeAttribute(QStringLiteral("time"), QString::number(seconds, 'f', 3));
    if (!failure.isEmpty()) {
        xml.writeStartElement(QStringLiteral("failure"));
        xml.writeAttribute(QStringLiteral("message"), failure.section(QLatin1Char('\n'), 0, 0));
        xml.writeCharacters(failure);
        xml.writeEndElement();
    }
    if (!output.isEmpty())
        xml.writeTextElement(QStringLiteral("system-out"), output);
    xml.writeEndElement();
}

// JUnit XML in the form that the common CI servers read: one suite, a case for each step and each gate.
QByteArray junit(const RecipeReport& report)
{
    qsizetype failures = 0;
    for (const RecipeStep& step : report.steps)
        failures += step.ok ? 0 : 1;
    for (const RecipeGate& gate : report.gates)
        failures += gate.passed ? 0 : 1;

    QByteArray bytes;
    QXmlStreamWriter xml(&bytes);
    xml.setAutoFormatting(true);
    xml.writeStartDocument();
    xml.writeStartElement(QStringLiteral("testsuite"));
    xml.writeAttribute(QStringLiteral("name"), report.name);
    xml.writeAttribute(QStringLiteral("tests"), QString::number(report.steps.size() + report.gates.size()));
    xml.writeAttribute(QStringLiteral("failures"), QString::number(failures));
    xml.writeAttribute(QStringLiteral("time"), QString::number(report.seconds, 'f', 3));
    for (const RecipeStep& step : report.steps)
        writeCase(xml, report.name + QStringLiteral(".steps"), step.name, step.seconds,
                  step.ok ? QString() : step.message, step.ok ? step.message : QString());
    for (const RecipeGate& gate : report.gates)
        writeCase(xml, report.name + QStringLiteral(".gates"), gate.name, 0,
                  gate.passed ? QString() : gateSentence(gate), gate.passed ? gateSentence(gate) : QString());
    xml.writeEndElement();
    xml.writeEndDocument();
    return bytes;
}

QString cell(QString text)
{
    return text.replace(QLatin1Char('|'), QStringLiteral("\\|")).replace(QLatin1Char('\n'), QLatin1Char(' '));
}

QByteArray markdown(const RecipeReport& report)
{
    QString text = QStringLiteral("# %1\n\n| step | | time | |\n|---|---|---:|---|\n").arg(report.name);
    for (const RecipeStep& step : report.steps)
        text += QStringLiteral("| %1 | %2 | %3 s | %4 |\n")
                    .arg(cell(step.name), step.ok ? QStringLiteral("ok") : QStringLiteral("**failed**"))
                    .arg(step.seconds, 0, 'f', 1)
                    .arg(cell(step.message));
    if (!report.gates.empty())
        text += QStringLiteral("\n| gate | limit | value | |\n|---|---:|---:|---|\n");
    for (const RecipeGate& gate : report.gates)
        text += QStringLiteral("| %1 | %2 | %3 | %4 |\n")
                    .arg(gate.name)
                    .arg(gate.limit, 0, 'g', 6)
                    .arg(gateValueText(gate), gate.passed ? QStringLiteral("met") : QStringLiteral("**not met**"));
    return text.toUtf8();
}

Status writeFile(const QString& path, const QByteArray& bytes)
{
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
        return Error(ErrorKind::Io, QStringLiteral("'%1' cannot be written: %2.").arg(path, file.errorString()));
    return {};
}

} // namespace

QString gateValueText(const RecipeGate& gate)
{
    if (std::isnan(gate.value))
        return QStringLiteral("unknown");
    return (QString::number(gate.value, 'g', 6) + QLatin1Char(' ') + gate.unit).trimmed();
}

QJsonObject toJson(const RecipeReport& report)
{
    QJsonArray steps;
    for (const RecipeStep& step : report.steps)
        steps.append(QJsonObject{{QStringLiteral("name"), step.name},
                                 {QStringLiteral("ok"), step.ok},
                                 {QStringLiteral("seconds"), step.seconds},
                                 {QStringLiteral("message"), step.message},
                                 {QStringLiteral("details"), step.details}});
    QJsonArray gates;
    for (const RecipeGate& gate : report.gates)
        gates.append(QJsonObject{
            {QStringLiteral("name"), gate.name},
            {QStringLiteral("limit"), gate.limit},
            {QStringLiteral("value"), std::isnan(gate.value) ? QJsonValue(QJsonValue::Null) : QJsonValue(gate.value)},
            {QStringLiteral("unit"), gate.unit},
            {QStringLiteral("passed"), gate.passed}});
    return {{QStringLiteral("name"), report.name},
            {QStringLiteral("best_trainer"), report.bestTrainer},
            {QStringLiteral("seconds"), report.seconds},
            {QStringLiteral("steps"), steps},
            {QStringLiteral("gates"), gates}};
}

Result<QStringList> writeReports(const RecipeReport& report, const QString& directory)
{
    if (!QDir().mkpath(directory))
        return Error(ErrorKind::Io, QStringLiteral("The folder '%1' cannot be made.").arg(directory));
    const QDir folder(directory);
    const QString json = folder.filePath(QStringLiteral("report.json"));
    const QString xml = folder.filePath(QStringLiteral("report.xml"));
    const QString text = folder.filePath(QStringLiteral("report.md"));
    EMBER_CHECK(writeFile(json, QJsonDocument(toJson(report)).toJson()));
    EMBER_CHECK(writeFile(xml, junit(report)));
    EMBER_CHECK(writeFile(text, markdown(report)));
    return QStringList{json, xml, text};
}

} // namespace ember::workflow
