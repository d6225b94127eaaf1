// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/edits.h"
#include "core/dataset/recording_reader.h"
#include "samples.h"

#include <QElapsedTimer>
#include <QRandomGenerator>

#include <chrono>
#include <csignal>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace ember;
using namespace ember::dataset;
using namespace ember::dataset::test;

namespace {

/// What the recording child tells through its pipe after each block: rows handed over by then, and when.
struct Note
{
    qint64 endRow = 0;
    qint64 steadyNanos = 0;
};

qint64 steadyNanos()
{
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

/// Records until it is killed: small blocks, some lost rows, the losses in the ledger.
[[noreturn]] void recordForever(const QString& path, int pipeEnd)
{
    auto writer = RecordingWriter::start(path, {QStringLiteral("killed"), imuStream(), {}, {}});
    if (!writer)
        _exit(1);
    signal::Ledger ledger;
    for (qint64 row = 0, count = 0;; ++count) {
        if (!(*writer)->append(blockOf(row, 20)))
            _exit(2);
        row += 20;
        if (count % 50 == 49) {
            row += 5;
            ledger.linkGaps += 5;
        }
        if (!(*writer)->updateLedger(ledger))
            _exit(3);
        const Note note{(*writer)->endRow(), steadyNanos()};
        if (::write(pipeEnd, &note, sizeof note) != sizeof note)
            _exit(4);
        // The pace of a board, not a wait for anything.
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
}

/// Labels one row after the other until it is killed, and takes every fifth label back; tells of each edit once it is
/// done: the row that was labelled, or the negative of the one that was taken back.
[[noreturn]] void labelForever(const QString& path, int pipeEnd)
{
    auto project = Project::open(path);
    const auto label = project ? project->labels().ensureLabel({}, QStringLiteral("walk")) : Result<Label>(Error());
    if (!label)
        _exit(1);
    for (qint64 row = 1;; ++row) {
        const auto inverse = apply(*project, AddSegment{{{}, RecordingId{1}, label->id, row, row + 1}});
        if (!inverse || ::write(pipeEnd, &row, sizeof row) != sizeof row)
            _exit(2);
        const qint64 back = -row;
        if (row % 5 == 0 && (!apply(*project, *inverse) || ::write(pipeEnd, &back, sizeof back) != sizeof back))
            _exit(3);
    }
}

std::vector<Note> readNotes(int pipeEnd, std::vector<Note> notes = {})
{
    Note note;
    while (::read(pipeEnd, &note, sizeof note) == sizeof note)
        notes.push_back(note);
    return notes;
}

} // namespace

class TestCrash : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_path = m_folder->filePath(QStringLiteral("p.ember"));
        VERIFY_OK(Project::create(m_path));
    }

    void aKilledRecorderLosesAtMostAQuarterSecond()
    {
        QRandomGenerator random(11);
        for (int round = 0; round < 10; ++round) {
            int ends[2];
            QCOMPARE(pipe(ends), 0);
            const pid_t child = fork();
            if (child == 0)
                recordForever(m_path, ends[1]);
            close(ends[1]);
            // The first note says that it is recording; from there a random time passes.
            std::vector<Note> notes(1);
            const bool started = ::read(ends[0], &notes[0], sizeof(Note)) == sizeof(Note);
            const qint64 killAt = steadyNanos() + qint64{random.bounded(20, 1200)} * 1'000'000;
            while (started && steadyNanos() < killAt) {
                Note note;
                if (::read(ends[0], &note, sizeof note) == sizeof note)
                    notes.push_back(note);
            }
            kill(child, SIGKILL);
            notes = readNotes(ends[0], notes);
            close(ends[0]);
            int status = 0;
            waitpid(child, &status, 0);
            QVERIFY2(WIFSIGNALED(status), qPrintable(QStringLiteral("child ended with %1").arg(WEXITSTATUS(status))));
            checkWhatIsLeft(notes, round + 1);
        }
    }

    void noConfirmedEditIsLostWhenTheProgramIsKilled()
    {
        constexpr int kRounds = 8;
        VERIFY_OK(addRecording(m_path, QStringLiteral("r"), 1'000'000));
        QRandomGenerator random(5);
        qint64 edits = 0;
        for (int round = 0; round < kRounds; ++round) {
            VERIFY_OK(Project::open(m_path)->database().change("DELETE FROM segments"));
            int ends[2];
            QCOMPARE(pipe(ends), 0);
            const pid_t child = fork();
            if (child == 0)
                labelForever(m_path, ends[1]);
            close(ends[1]);
            std::vector<qint64> confirmed;
            qint64 note = 0;
            const int wanted = random.bounded(20, 200);
            while (static_cast<int>(confirmed.size()) < wanted && ::read(ends[0], &note, sizeof note) == sizeof note)
                confirmed.push_back(note);
            kill(child, SIGKILL);
            while (::read(ends[0], &note, sizeof note) == sizeof note)
                confirmed.push_back(note);
            close(ends[0]);
            int status = 0;
            waitpid(child, &status, 0);
            QVERIFY2(WIFSIGNALED(status), qPrintable(QStringLiteral("child ended with %1").arg(WEXITSTATUS(status))));
            std::vector<qint64> expected;
            for (const qint64 row : confirmed) {
                if (row > 0)
                    expected.push_back(row);
                else
                    std::erase(expected, -row);
            }
            std::vector<qint64> rows;
            for (const Segment& segment : Project::open(m_path)->labels().segments(RecordingId{1}).value())
                rows.push_back(segment.begin);
            // One edit may have been done whose confirmation the kill cut off: a label more, or the last one taken
            // back.
            std::vector<qint64> oneMore = expected;
            if (confirmed.back() > 0 && confirmed.back() % 5 == 0)
                oneMore.pop_back();
            else
                oneMore.push_back(std::abs(confirmed.back()) + 1);
            QVERIFY2(rows == expected || rows == oneMore,
                     qPrintable(QStringLiteral("%1 labels of %2").arg(rows.size()).arg(expected.size())));
            edits += static_cast<qint64>(confirmed.size());
        }
        QVERIFY(edits > kRounds * 20);
    }

    void aFullDiskStopsTheRecorderAndKeepsWhatWasCommitted()
    {
        int ends[2];
        QCOMPARE(pipe(ends), 0);
        const pid_t child = fork();
        if (child == 0)
            _exit(recordUntilFull(m_path, ends[1]));
        close(ends[1]);
        const std::vector<Note> notes = readNotes(ends[0]);
        close(ends[0]);
        int status = 0;
        waitpid(child, &status, 0);
        QVERIFY(WIFEXITED(status));
        QCOMPARE(WEXITSTATUS(status), static_cast<int>(ErrorKind::Io));
        QVERIFY(notes.size() > 2);

        auto project = Project::open(m_path);
        VERIFY_OK(project);
        const auto recording = project->recordings().list()->front();
        QCOMPARE(recording.state, RecordingState::Interrupted);
        // The last note was written before the append that failed; all but what waited then is there.
        const qint64 waiting = RecordingWriter::kCommitBytes / static_cast<qint64>(imuStream().bytesPerRow());
        QVERIFY(recording.rowCount > 0);
        QVERIFY(recording.rowCount >= notes.back().endRow - 2 * waiting);
        const auto reader = RecordingReader::open(*project, recording.id);
        QCOMPARE(reader->window(0, recording.rowCount).value(), blockOf(0, recording.rowCount).rows);
    }

    void recordingGoesOnInAProjectAfterACrash()
    {
        const pid_t child = fork();
        if (child == 0) {
            auto writer = RecordingWriter::start(m_path, {QStringLiteral("first"), imuStream(), {}, {}});
            if (!writer || !(*writer)->append(blockOf(0, 200'000)))
                _exit(1);
            kill(getpid(), SIGKILL);
        }
        waitpid(child, nullptr, 0);
        VERIFY_OK(addRecording(m_path, QStringLiteral("second"), 500));
        auto project = Project::open(m_path);
        const auto all = project->recordings().list().value();
        QCOMPARE(all.size(), std::size_t{2});
        QCOMPARE(all[0].state, RecordingState::Interrupted);
        // More than kCommitBytes at once is committed at once.
        QCOMPARE(all[0].rowCount, 200'000);
        QCOMPARE(all[1].state, RecordingState::Finished);
    }

private:
    void checkWhatIsLeft(const std::vector<Note>& notes, int expectedRecordings)
    {
        auto project = Project::open(m_path);
        VERIFY_OK(project);
        const auto all = project->recordings().list().value();
        QCOMPARE(all.size(), static_cast<std::size_t>(expectedRecordings));
        const Recording& recording = all.back();
        QCOMPARE(recording.state, RecordingState::Interrupted);

        const auto firstLost =
            std::find_if(notes.begin(), notes.end(), [&](const Note& note) { return note.endRow > recording.endRow; });
        const qint64 lostNanos = firstLost == notes.end() ? 0 : notes.back().steadyNanos - firstLost->steadyNanos;
        QVERIFY2(lostNanos <= 250'000'000, qPrintable(QStringLiteral("%1 ms lost").arg(lostNanos / 1'000'000)));

        // What is there is whole, and the ledger is the one of the same moment.
        const auto reader = RecordingReader::open(*project, recording.id);
        const auto runs = reader->rows(0, recording.endRow).value();
        qint64 rows = 0;
        for (const RowRun& run : runs) {
            QCOMPARE(run.rows, blockOf(run.firstRow, run.rowCount).rows);
            rows += run.rowCount;
        }
        QCOMPARE(rows, recording.rowCount);
        const qint64 missing = recording.endRow - recording.rowCount;
        QVERIFY(recording.ledger.linkGaps == missing || recording.ledger.linkGaps == missing + 5);
        const auto envelope = reader->envelope(0, recording.endRow, 256).value();
        qint64 counted = 0;
        for (const quint32 count : envelope.counts)
            counted += count;
        QCOMPARE(counted, rows);
    }

    /// With a limit on file sizes, which the kernel answers like a full disk. Returns the kind of the error met.
    static int recordUntilFull(const QString& path, int pipeEnd)
    {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{8'000'000, 8'000'000};
        if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
            return 90;
        auto writer = RecordingWriter::start(path, {QStringLiteral("large"), imuStream(), {}, {}});
        if (!writer)
            return 91;
        for (qint64 row = 0; row < 20'000'000; row += 5000) {
            const Status taken = (*writer)->append(blockOf(row, 5000));
            if (!taken) {
                const bool saysSo = !taken.error().message.isEmpty() && !taken.error().hint.isEmpty();
                const bool staysFailed = !(*writer)->append(blockOf(row, 1)) && !(*writer)->finish();
                return saysSo && staysFailed ? static_cast<int>(taken.error().kind) : 92;
            }
            const Note note{(*writer)->endRow(), 0};
            if (::write(pipeEnd, &note, sizeof note) != sizeof note)
                return 93;
        }
        return 94;
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_path;
};

QTEST_GUILESS_MAIN(TestCrash)
#include "tst_crash.moc"
