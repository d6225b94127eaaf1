// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/devices/device_session.h"
#include "app/gui/devices/format_panel.h"
#include "app/gui/shell/job_queue.h"
#include "tests/support/foreign_board.h"
#include "tests/support/foreign_streams.h"
#include "tests/support/pty_pair.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFileInfo>
#include <QLabel>
#include <QPlainTextEdit>
#include <QSignalSpy>
#include <QTest>

using namespace ember;
using namespace ember::gui;
using namespace ember::test;

namespace {

constexpr int kPatienceMs = 30'000;

} // namespace

class TestFormatPanel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void anUnknownBoardShowsItsLinesAndWhatItIsTakenFor()
    {
        JobQueue jobs;
        DeviceSession devices(jobs);
        FormatPanel panel(devices);
        connect(&devices, &DeviceSession::changed, &panel, &FormatPanel::refresh);
        QVERIFY(panel.isHidden()); // nothing to choose without a port
        const auto* preview = panel.findChild<QPlainTextEdit*>(QStringLiteral("format-preview"));
        const auto* guess = panel.findChild<QLabel*>(QStringLiteral("format-guess"));

        PtyPair pty;
        const ForeignBoard board(pty.master(), 200,
                                 [](qint64 row, const QByteArray&) { return teleplotRow(row, 200); });
        devices.connectTo(pty.path(), QStringLiteral("Some board"), panel.chosenFormat());
        QVERIFY(!panel.isHidden());
        QTRY_VERIFY_WITH_TIMEOUT(preview->toPlainText().contains(QStringLiteral(">left:")), kPatienceMs);
        QTRY_VERIFY_WITH_TIMEOUT(guess->text().contains(QStringLiteral("Teleplot")), kPatienceMs);
        QTRY_VERIFY_WITH_TIMEOUT(devices.isStreaming() && devices.live() && devices.live()->endRow() > 0, kPatienceMs);
        QCOMPARE(devices.description()->format, QStringLiteral("teleplot"));
        QCOMPARE(devices.live()->spec().channels.size(), size_t(2));
        QTRY_VERIFY_WITH_TIMEOUT(devices.ledger().measuredRateHz > 0, kPatienceMs);
        devices.disconnectBoard();
        QVERIFY(panel.isHidden());
    }

    void everyByteIsKeptInAFileWhenItIsWanted()
    {
        JobQueue jobs;
        DeviceSession devices(jobs);
        FormatPanel panel(devices);
        connect(&devices, &DeviceSession::changed, &panel, &FormatPanel::refresh);
        PtyPair pty;
        const ForeignBoard board(pty.master(), 200,
                                 [](qint64 row, const QByteArray&) { return teleplotRow(row, 200); });
        devices.connectTo(pty.path(), QStringLiteral("Some board"), QStringLiteral("teleplot"));
        QVERIFY(devices.rawLog().isEmpty());
        auto* keeps = panel.findChild<QCheckBox*>(QStringLiteral("keeps-bytes"));
        QSignalSpy chosen(&panel, &FormatPanel::keepsBytesChosen);
        panel.show();
        QTest::keyClick(keeps, Qt::Key_Space);
        QCOMPARE(chosen.size(), 1);
        devices.connectTo(pty.path(), QStringLiteral("Some board"), QStringLiteral("teleplot"));
        const QString log = devices.rawLog();
        QVERIFY(!log.isEmpty());
        QTRY_VERIFY_WITH_TIMEOUT(devices.live() && devices.live()->endRow() > 100, kPatienceMs);
        QVERIFY(panel.findChild<QLabel*>(QStringLiteral("raw-log"))->text().contains(QFileInfo(log).fileName()));
        devices.disconnectBoard();
        QVERIFY(devices.rawLog().isEmpty());

        // The link ends on a thread of its own; then the file is whole, and is played again.
        QTRY_VERIFY_WITH_TIMEOUT(QFileInfo(log).size() > 1000, kPatienceMs);
        const auto replay = device::openTransport(QStringLiteral("replay://") + log);
        QVERIFY(replay);
        QByteArray bytes;
        for (QByteArray part; !(*replay)->atEnd(); bytes += part)
            part = (*replay)->read(0, 4096).value();
        QVERIFY2(bytes.count(">left:") > 100, bytes.left(100).constData());
        QVERIFY(QFile::remove(log));
    }

    void anotherChoiceIsTakenAndItsFailureShown()
    {
        JobQueue jobs;
        DeviceSession devices(jobs);
        FormatPanel panel(devices);
        connect(&devices, &DeviceSession::changed, &panel, &FormatPanel::refresh);
        auto* choice = panel.findChild<QComboBox*>(QStringLiteral("format"));
        QVERIFY(choice->count() >= 8);
        QSignalSpy chosen(&panel, &FormatPanel::formatChosen);
        choice->setCurrentIndex(choice->findData(QStringLiteral("csv")));
        Q_EMIT choice->activated(choice->currentIndex());
        QCOMPARE(chosen.size(), 1);
        QCOMPARE(panel.chosenFormat(), QStringLiteral("csv"));

        PtyPair pty;
        const ForeignBoard board(pty.master(), 200, [](qint64 row, const QByteArray&) { return numbersRow(row); });
        devices.connectTo(pty.path(), QStringLiteral("Some board"), panel.chosenFormat());
        QTRY_VERIFY_WITH_TIMEOUT(devices.isStreaming(), kPatienceMs);
        QCOMPARE(devices.description()->format, QStringLiteral("csv")); // by itself it would be the forwarder's
        QVERIFY(devices.formatReport().has_value());
    }
};

QTEST_MAIN(TestFormatPanel)
#include "tst_format_panel.moc"
