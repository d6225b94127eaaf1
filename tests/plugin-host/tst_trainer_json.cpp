// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plugin-host/trainer_json.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

using namespace ember;
using namespace ember::plugin;

namespace {

ParameterSpec spec(const QString& key, ParameterType type, const QVariant& byDefault)
{
    ParameterSpec s;
    s.key = key;
    s.type = type;
    s.defaultValue = byDefault;
    s.help = QStringLiteral("Help for ") + key;
    return s;
}

TrainerInfo fullInfo()
{
    TrainerInfo info;
    info.id = QStringLiteral("a.b");
    info.name = QStringLiteral("Name");
    info.summary = QStringLiteral("Summary");
    info.whenToUse = QStringLiteral("Always");
    info.tasks = {Task::Classification, Task::Regression, Task::Anomaly};
    info.input = TrainerInput::RawWindow;
    info.canQuantise = true;
    info.parameters = {spec(QStringLiteral("i"), ParameterType::Integer, 3),
                       spec(QStringLiteral("r"), ParameterType::Real, 0.25),
                       spec(QStringLiteral("b"), ParameterType::Boolean, true),
                       spec(QStringLiteral("c"), ParameterType::Choice, QStringLiteral("x")),
                       spec(QStringLiteral("t"), ParameterType::Text, QString())};
    info.parameters[0].minimum = 1;
    info.parameters[0].maximum = 9;
    info.parameters[1].minimum = 0.0;
    info.parameters[3].choices = {QStringLiteral("x"), QStringLiteral("y")};
    return info;
}

} // namespace

class TestTrainerJson : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everythingComesBack()
    {
        const TrainerInfo info = fullInfo();
        const QByteArray text = QJsonDocument(toJson(info)).toJson();
        const TrainerInfo back = trainerInfoFromJson(QJsonDocument::fromJson(text).object()).value();
        QCOMPARE(back.id, info.id);
        QCOMPARE(back.tasks, info.tasks);
        QCOMPARE(back.input, info.input);
        QCOMPARE(back.canQuantise, true);
        QCOMPARE(back.canAdaptOnDevice, false);
        QCOMPARE(back.whenToUse, info.whenToUse);
        QCOMPARE(back.parameters.size(), info.parameters.size());
        for (qsizetype i = 0; i < info.parameters.size(); ++i) {
            const ParameterSpec& a = info.parameters[i];
            const ParameterSpec& b = back.parameters[i];
            QCOMPARE(b.key, a.key);
            QCOMPARE(b.type, a.type);
            QCOMPARE(b.defaultValue.toString(), a.defaultValue.toString());
            QCOMPARE(b.minimum.isValid(), a.minimum.isValid());
            QCOMPARE(b.maximum.toDouble(), a.maximum.toDouble());
            QCOMPARE(b.choices, a.choices);
            QCOMPARE(b.help, a.help);
        }
    }

    void brokenDescriptionsAreRefused_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QJsonValue>("value");
        QTest::newRow("no id") << "id" << QJsonValue(QString());
        QTest::newRow("task") << "tasks" << QJsonValue(QJsonArray{QStringLiteral("cooking")});
        QTest::newRow("input") << "input" << QJsonValue(7);
        QTest::newRow("type") << "parameters/type" << QJsonValue(QStringLiteral("matrix"));
        QTest::newRow("key") << "parameters/key" << QJsonValue();
        QTest::newRow("default of another type") << "parameters/default" << QJsonValue(QStringLiteral("three"));
        QTest::newRow("default with a fraction") << "parameters/default" << QJsonValue(3.5);
        QTest::newRow("too many parameters") << "many" << QJsonValue();
    }
    void brokenDescriptionsAreRefused()
    {
        QFETCH(QString, path);
        QFETCH(QJsonValue, value);
        QJsonObject json = toJson(fullInfo());
        QJsonArray parameters = json.value(QLatin1String("parameters")).toArray();
        if (path == QLatin1String("many")) {
            while (parameters.size() < 1000)
                parameters.append(parameters.first());
        } else if (path.startsWith(QLatin1String("parameters/"))) {
            QJsonObject first = parameters[0].toObject();
            first.insert(path.section(QLatin1Char('/'), 1), value);
            parameters[0] = first;
        } else {
            json.insert(path, value);
        }
        json.insert(QStringLiteral("parameters"), parameters);
        QCOMPARE(trainerInfoFromJson(json).error().kind, ErrorKind::BadData);
    }
};

QTEST_GUILESS_MAIN(TestTrainerJson)
#include "tst_trainer_json.moc"
