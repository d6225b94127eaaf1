// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/content_hash.h"
#include "core/base/result.h"

#include <QTest>

using namespace ember;

namespace {

Result<int> half(int value)
{
    if (value % 2 != 0)
        return Error(ErrorKind::Usage, QStringLiteral("%1 is odd.").arg(value), QStringLiteral("Use an even number."));
    return value / 2;
}

Result<int> quarter(int value)
{
    EMBER_TRY(const int once, half(value));
    EMBER_TRY(const int twice, half(once));
    return twice;
}

Status requireEven(int value)
{
    EMBER_CHECK(half(value));
    return {};
}

} // namespace

class TestResult : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tryPassesValuesAndErrorsOn()
    {
        QCOMPARE(quarter(12).value(), 3);
        const Result<int> failed = quarter(6);
        QVERIFY(!failed);
        QCOMPARE(failed.error().kind, ErrorKind::Usage);
        QCOMPARE(failed.error().message, QStringLiteral("3 is odd."));
        QCOMPARE(failed.value_or(7), 7);
    }

    void statusIsTrueOnSuccess()
    {
        QVERIFY(requireEven(4));
        QVERIFY(!requireEven(5));
    }

    void contextBuildsATrail()
    {
        const Error error = Error(ErrorKind::Io, QStringLiteral("No space left."))
                                .context(QStringLiteral("writing block 7"))
                                .context(QStringLiteral("recording"));
        QCOMPARE(error.trail, (QStringList{QStringLiteral("writing block 7"), QStringLiteral("recording")}));
        QVERIFY(error.toString().contains(QStringLiteral("while recording")));
    }

    void everyKindHasItsOwnNameAndAnExitCode()
    {
        QStringList names;
        for (int k = 0; k <= static_cast<int>(ErrorKind::Cancelled); ++k) {
            const auto kind = static_cast<ErrorKind>(k);
            names << errorKindName(kind);
            QVERIFY(exitCodeFor(kind) >= 1 && exitCodeFor(kind) <= 5);
        }
        QCOMPARE(QSet<QString>(names.begin(), names.end()).size(), names.size());
        QCOMPARE(exitCodeFor(ErrorKind::Usage), 2);
        QCOMPARE(exitCodeFor(ErrorKind::Gate), 3);
        QCOMPARE(exitCodeFor(ErrorKind::Board), 4);
        QCOMPARE(exitCodeFor(ErrorKind::MissingTool), 5);
    }

    void hashSeparatesItsParts()
    {
        QVERIFY(ContentHash().add(QStringLiteral("ab")).add(QStringLiteral("c")).hex()
                != ContentHash().add(QStringLiteral("a")).add(QStringLiteral("bc")).hex());
        QCOMPARE(ContentHash().hex(),
                 QStringLiteral("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    }
};

QTEST_GUILESS_MAIN(TestResult)
#include "tst_result.moc"
