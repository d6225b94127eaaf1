// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/dataset_hash.h"
#include "core/dataset/process_identity.h"
#include "samples.h"

#include <QDateTime>
#include <QElapsedTimer>
#include <QStringList>

#include <csignal>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace ember;
using namespace ember::dataset;
using namespace ember::dataset::test;

namespace {

/// This process's identity with one of its parts changed: number, start, boot, namespace, machine.
QString identityWith(int part, const QString& value)
{
    QStringList parts = thisProcessIdentity().split(QLatin1Char(':'));
    parts[part] = value;
    return parts.join(QLatin1Char(':'));
}

QString ownerText(const QString& identity, qint64 silentMs)
{
    return QStringLiteral("%1 1 capture %2").arg(identity).arg(QDateTime::currentMSecsSinceEpoch() - silentMs);
}

/// Opens the project in a container of its own, where the processes outside cannot be seen. 0: could, 77: containers
/// are not to be had here.
int openInContainer(const QString& path)
{
    if (unshare(CLONE_NEWPID | CLONE_NEWNS) != 0)
        return 77;
    const pid_t inner = fork();
    if (inner == 0) {
        if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
            mount("proc", "/proc", "proc", 0, nullptr) != 0)
            _exit(77);
        _exit(Project::open(path) ? 0 : 1);
    }
    int status = 0;
    waitpid(inner, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

} // namespace

// Who may close a recording that nobody finished.
class TestOwnership : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_path = m_folder->filePath(QStringLiteral("p.ember"));
        VERIFY_OK(Project::create(m_path));
    }

    void statesOfOwners_data()
    {
        constexpr int kPid = 0, kStart = 1, kBoot = 2, kSpace = 3;
        QTest::addColumn<QString>("text");
        QTest::addColumn<OwnerState>("state");
        const Ownership alive(Ownership::Kind::Capture);
        QTest::newRow("nobody") << QString() << OwnerState::Gone;
        QTest::newRow("nonsense") << QStringLiteral("x:y z") << OwnerState::Gone;
        QTest::newRow("ended within this process") << alive.text() << OwnerState::Gone; // with this function
        QTest::newRow("number given out again")
            << ownerText(identityWith(kStart, QStringLiteral("1")), 0) << OwnerState::Gone;
        QTest::newRow("no such process") << ownerText(identityWith(kPid, QStringLiteral("99999999")), 0)
                                         << OwnerState::Gone;
        QTest::newRow("another container")
            << ownerText(identityWith(kSpace, QStringLiteral("1")), 0) << OwnerState::Unknown;
        QTest::newRow("another container, silent")
            << ownerText(identityWith(kSpace, QStringLiteral("1")), kSilenceMs + 60'000) << OwnerState::Gone;
        QStringList other = thisProcessIdentity().split(QLatin1Char(':'));
        other[kBoot] = QStringLiteral("0");
        other[4] = QStringLiteral("0123456789abcdef");
        QTest::newRow("another machine") << ownerText(other.join(QLatin1Char(':')), 0) << OwnerState::Unknown;
        QTest::newRow("another machine, silent")
            << ownerText(other.join(QLatin1Char(':')), kSilenceMs + 60'000) << OwnerState::Gone;
        if (!thisProcessIdentity().endsWith(QLatin1Char(':')))
            QTest::newRow("before the restart")
                << ownerText(identityWith(kBoot, QStringLiteral("0")), 0) << OwnerState::Gone;
    }
    void statesOfOwners()
    {
        QFETCH(QString, text);
        QFETCH(OwnerState, state);
        QCOMPARE(readOwner(text).state, state);
        // What opening a project makes of it.
        VERIFY_OK(addRecording(m_path, QStringLiteral("r"), 100));
        {
            auto project = Project::open(m_path);
            VERIFY_OK(project->database().change("UPDATE recordings SET state = 0, owner = ?", text));
        }
        auto project = Project::open(m_path);
        VERIFY_OK(project);
        QCOMPARE(project->recordings().list()->front().state,
                 state == OwnerState::Gone ? RecordingState::Interrupted : RecordingState::Recording);
    }

    void aLiveOwnerIsSeen()
    {
        const Ownership capture(Ownership::Kind::Capture);
        const Ownership import(Ownership::Kind::Import);
        QCOMPARE(readOwner(capture.text()).state, OwnerState::Alive);
        QCOMPARE(readOwner(capture.text()).kind, Ownership::Kind::Capture);
        QCOMPARE(readOwner(import.text()).state, OwnerState::Alive);
        QCOMPARE(readOwner(import.text()).kind, Ownership::Kind::Import);
        QVERIFY(capture.prefix() != import.prefix());
        QCOMPARE(stateOfProcess(thisProcessIdentity()), OwnerState::Alive);
    }

    void aContainerLeavesALiveRecordingAlone()
    {
        auto writer = RecordingWriter::start(m_path, {{}, imuStream(), {}, {}});
        VERIFY_OK(writer);
        VERIFY_OK((*writer)->append(blockOf(0, 100)));
        const pid_t child = fork();
        if (child == 0)
            _exit(openInContainer(m_path));
        int status = 0;
        waitpid(child, &status, 0);
        QVERIFY(WIFEXITED(status));
        if (WEXITSTATUS(status) == 77)
            QSKIP("no right to make a container here");
        QCOMPARE(WEXITSTATUS(status), 0);
        VERIFY_OK((*writer)->append(blockOf(100, 100)));
        const auto finished = (*writer)->finish();
        VERIFY_OK(finished);
        QCOMPARE(finished->rowCount, 200);
    }

    void aWriterNoticesThatItsRecordingWasClosed()
    {
        auto writer = RecordingWriter::start(m_path, {{}, imuStream(), {}, {}});
        VERIFY_OK(writer);
        auto project = Project::open(m_path);
        VERIFY_OK(project->database().change("UPDATE recordings SET state = 2, owner = ''"));
        signal::SampleBlock large = blockOf(0, 1);
        large.rowCount = RecordingWriter::kCommitBytes;
        large.rows = QByteArray(large.rowCount * 6, 'x');
        const Status appended = (*writer)->append(large);
        QVERIFY(!appended);
        QCOMPARE(appended.error().kind, ErrorKind::Failed);
        QVERIFY(!(*writer)->finish());
        writer->reset();
        QCOMPARE(project->recordings().list()->front().rowCount, 0);
    }

    // The disk is full, the writer gives up; when there is room again, its recording must not count as running for as
    // long as this program does.
    void aFailedWritersRecordingIsClosedByTheSameProgram()
    {
        ::signal(SIGXFSZ, SIG_IGN);
        auto writer = RecordingWriter::start(m_path, {{}, imuStream(), {}, {}});
        VERIFY_OK(writer);
        rlimit before{};
        QCOMPARE(getrlimit(RLIMIT_FSIZE, &before), 0);
        const rlimit full{4'000'000, before.rlim_max};
        QCOMPARE(setrlimit(RLIMIT_FSIZE, &full), 0);
        Status appended;
        for (qint64 row = 0; appended && row < 20'000'000; row += 5000)
            appended = (*writer)->append(blockOf(row, 5000));
        writer->reset();
        QCOMPARE(setrlimit(RLIMIT_FSIZE, &before), 0);
        QVERIFY(!appended);
        QCOMPARE(appended.error().kind, ErrorKind::Io);

        auto project = Project::open(m_path);
        VERIFY_OK(project);
        const Recording recording = project->recordings().list()->front();
        QCOMPARE(recording.state, RecordingState::Interrupted);
        QCOMPARE(recording.ledger.interruptedAtRow, recording.endRow);
        VERIFY_OK(datasetHash(*project, {}));
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_path;
};

QTEST_GUILESS_MAIN(TestOwnership)
#include "tst_ownership.moc"
