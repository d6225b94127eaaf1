// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/parameters.h"

#include <QTest>

using namespace ember;
using namespace ember::learn;
using plugin::ParameterSpec;
using plugin::ParameterType;

namespace {

QList<ParameterSpec> specs()
{
    QList<ParameterSpec> all(5);
    all[0].key = QStringLiteral("depth");
    all[0].type = ParameterType::Integer;
    all[0].defaultValue = 4;
    all[0].minimum = 0;
    all[0].maximum = 20;
    all[0].help = QStringLiteral("How deep.");
    all[1].key = QStringLiteral("rate");
    all[1].type = ParameterType::Real;
    all[1].defaultValue = 0.1;
    all[1].minimum = 0.0;
    all[2].key = QStringLiteral("draw");
    all[2].type = ParameterType::Boolean;
    all[2].defaultValue = true;
    all[3].key = QStringLiteral("weights");
    all[3].type = ParameterType::Choice;
    all[3].defaultValue = QStringLiteral("none");
    all[3].choices = {QStringLiteral("none"), QStringLiteral("balanced")};
    all[4].key = QStringLiteral("note");
    all[4].type = ParameterType::Text;
    all[4].defaultValue = QString();
    return all;
}

} // namespace

class TestParameters : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void defaultsFillTheGaps()
    {
        const QVariantMap all = completeParameters(specs(), {}).value();
        QCOMPARE(all.size(), 5);
        QCOMPARE(all.value(QStringLiteral("depth")).toInt(), 4);
        QCOMPARE(all.value(QStringLiteral("draw")).toBool(), true);
    }

    // Text is what a command line gives, numbers what JSON and forms give; both end in the same type.
    void valuesTakeTheRightType()
    {
        for (const QVariant& seven :
             {QVariant(7), QVariant(QStringLiteral("7")), QVariant(7.0), QVariant(qlonglong(7))}) {
            const QVariantMap all = completeParameters(specs(), {{QStringLiteral("depth"), seven}}).value();
            QCOMPARE(all.value(QStringLiteral("depth")).typeId(), int(QMetaType::LongLong));
            QCOMPARE(all.value(QStringLiteral("depth")).toLongLong(), 7);
        }
        const QVariantMap all = completeParameters(specs(), {{QStringLiteral("rate"), QStringLiteral("2.5e-3")},
                                                             {QStringLiteral("draw"), QStringLiteral("No")},
                                                             {QStringLiteral("weights"), QStringLiteral("balanced")},
                                                             {QStringLiteral("note"), QStringLiteral("a=b")}})
                                    .value();
        QCOMPARE(all.value(QStringLiteral("rate")).toDouble(), 2.5e-3);
        QCOMPARE(all.value(QStringLiteral("draw")), QVariant(false));
        QCOMPARE(all.value(QStringLiteral("note")).toString(), QStringLiteral("a=b"));
    }

    void wrongValuesAreUsageErrors_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QVariant>("value");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const char* key, const QVariant& value, const char* says) {
            QTest::newRow(name) << QString::fromLatin1(key) << value << QString::fromLatin1(says);
        };
        row("text for a number", "depth", QStringLiteral("deep"), "a whole number from 0 to 20");
        row("fraction", "depth", QStringLiteral("2.5"), "a whole number");
        row("fraction as number", "depth", 2.5, "a whole number");
        row("too small", "depth", -1, "from 0 to 20");
        row("too large", "depth", 21, "from 0 to 20");
        row("list", "depth", QStringList{QStringLiteral("1")}, "a whole number");
        row("not a number", "rate", QStringLiteral("nan"), "of at least 0");
        row("infinite", "rate", QStringLiteral("inf"), "of at least 0");
        row("negative rate", "rate", -0.5, "of at least 0");
        row("not a truth value", "draw", QStringLiteral("perhaps"), "true or false");
        row("not a choice", "weights", QStringLiteral("heavy"), "one of none, balanced");
    }
    void wrongValuesAreUsageErrors()
    {
        QFETCH(QString, key);
        QFETCH(QVariant, value);
        QFETCH(QString, says);
        const auto result = completeParameters(specs(), {{key, value}});
        QVERIFY(!result);
        QCOMPARE(result.error().kind, ErrorKind::Usage);
        QVERIFY2(result.error().message.contains(says), qPrintable(result.error().message));
        QVERIFY2(result.error().message.contains(key), qPrintable(result.error().message));
    }

    void unknownKeysNameTheValidOnes()
    {
        const auto result = completeParameters(specs(), {{QStringLiteral("dept"), 3}});
        QCOMPARE(result.error().kind, ErrorKind::Usage);
        QVERIFY(result.error().message.contains(QStringLiteral("'dept'")));
        QVERIFY(result.error().hint.contains(QStringLiteral("depth, rate, draw, weights, note")));
    }
};

QTEST_GUILESS_MAIN(TestParameters)
#include "tst_parameters.moc"
