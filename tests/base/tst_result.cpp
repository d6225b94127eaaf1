// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/content_hash.h"
#include "core/base/result.h"

#include <QTest>

#include <utility>
#include <vector>

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
        // docs/command-line.md; scripts depend on it.
        const std::vector<std::pair<ErrorKind, int>> table{{ErrorKind::Failed, 1},      {ErrorKind::Usage, 2},
                                                           {ErrorKind::NotFound, 1},    {ErrorKind::BadData, 1},
                                                           {ErrorKind::Unsupported, 1}, {ErrorKind::Io, 1},
                                                           {ErrorKind::Board, 4},       {ErrorKind::MissingTool, 5},
                                                           {ErrorKind::Gate, 3},        {ErrorKind::Cancelled, 1}};
        QCOMPARE(static_cast<qsizetype>(table.size()), names.size());
        for (const auto& [kind, code] : table)
            QCOMPARE(exitCodeFor(kind), code);
    }

    void onlyBoardErrorsThatAreNotPermanentMend()
    {
        QVERIFY(Error(ErrorKind::Board, QStringLiteral("gone")).mayMend());
        QVERIFY(!Error::wrongBoard(QStringLiteral("another")).mayMend());
        QVERIFY(!Error::wrongBoard(QStringLiteral("another")).context(QStringLiteral("connecting")).mayMend());
        QVERIFY(!Error(ErrorKind::Io, QStringLiteral("full")).mayMend());
    }

    void hashSeparatesItsParts()
    {
        QVERIFY(ContentHash().add(QStringLiteral("ab")).add(QStringLiteral("c")).hex() !=
                ContentHash().add(QStringLiteral("a")).add(QStringLiteral("bc")).hex());
        QCOMPARE(ContentHash().hex(),
                 QStringLiteral("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    }
};

QTEST_GUILESS_MAIN(TestResult)
#include "tst_result.moc"
