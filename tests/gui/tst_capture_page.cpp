// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/capture/live_view.h"
#include "app/gui/capture/take_recorder.h"
#include "app/gui/capture/take_strip.h"
#include "app/gui/plot/spectrogram_plot.h"
#include "app/gui/plot/spectrum_plot.h"
#include "app/gui/plot/trace_plot.h"
#include "app/gui/shell/page.h"
#include "app/gui/widgets/balance_bar.h"
#include "core/dataset/recording_reader.h"
#include "core/dataset/recording_writer.h"
#include "core/workflow/record.h"
#include "tests/gui/workbench.h"
#include "tests/support/children.h"
#include "tests/support/host_board.h"
#include "tests/support/numbered_rows.h"
#include "tests/support/pty_pair.h"

#include <QApplication>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QMenu>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableView>
#include <QToolButton>
#include <QUndoStack>
#include <QWheelEvent>

#include <cmath>
#include <optional>

using namespace ember;
using namespace ember::gui;
using namespace ember::test;

namespace {

constexpr int kBootMs = 60'000; // an emulator on a busy machine
constexpr double kRateHz = 1000;

std::vector<dataset::Recording> recordingsOf(Workbench& bench)
{
    return bench.project().project().recordings().list().value_or(std::vector<dataset::Recording>{});
}

QString labelOf(Workbench& bench, dataset::RecordingId recording)
{
    const auto segments = bench.project().project().labels().segments(recording);
    if (!segments || segments->size() != 1)
        return {};
    const auto label = bench.project().project().labels().label(segments->front().label);
    return label ? label->name : QString();
}

int takesShown(Workbench& bench)
{
    const auto* strip = bench.page()->findChild<TakeStrip*>();
    return strip ? strip->count() : -1;
}

/// The page takes keys, as after a click into the traces.
void focusPage(Workbench& bench)
{
    bench.page()->setFocus();
}

/// A workbench with a project, on its Capture page, with a board behind a cable that streams numbered rows.
struct CableBench : Workbench
{
    bool begin()
    {
        if (!makeProject(QStringLiteral("takes")))
            return false;
        devices().connectTo(cable.serialAddress(), QStringLiteral("Board on a cable"));
        window().showPage(QStringLiteral("capture"));
        return QTest::qWaitFor(
            [this] { return devices().isStreaming() && devices().live() && devices().live()->endRow() > 0; }, 30'000);
    }

    explicit CableBench(double secondRateHz = 0)
        : board(cable.master(), {.rateHz = kRateHz, .secondRateHz = secondRateHz})
    {}

    PtyPair cable;
    HostBoard board;
};

constexpr double kToneHz = 12.5;
constexpr double kToneRateHz = 100;

/// A stream whose first channel is a tone of 2 g, and whose second counts rows.
std::shared_ptr<device::LiveBuffer> toneStream()
{
    signal::StreamSpec spec;
    spec.name = QStringLiteral("imu");
    spec.rateHz = kToneRateHz;
    spec.channels = {{QStringLiteral("ax"), QStringLiteral("g")}, {QStringLiteral("count"), QString()}};
    return std::make_shared<device::LiveBuffer>(spec, 60'000);
}

void feedTone(device::LiveBuffer& stream, qint64 rows)
{
    signal::SampleBlock block;
    block.firstRow = stream.endRow();
    block.rowCount = rows;
    std::vector<float> values;
    for (qint64 row = block.firstRow; row < block.endRow(); ++row) {
        const double turns = static_cast<double>(row) * kToneHz / kToneRateHz;
        values.push_back(static_cast<float>(2 * std::sin(2 * M_PI * turns)));
        values.push_back(static_cast<float>(row));
    }
    block.rows =
        QByteArray(reinterpret_cast<const char*>(values.data()), static_cast<qsizetype>(values.size() * sizeof(float)));
    stream.append(block);
}

/// A live view alone in a window, with a tone in it, following the last ten seconds.
struct ToneBench : Workbench
{
    ToneBench()
        : view(theme(), settings())
    {
        auto* row = new QHBoxLayout(&holder);
        view.addControls(row);
        row->addWidget(&view, 1);
        holder.resize(1100, 500);
        holder.show();
        feedTone(*stream, 2000);
        view.setStreams({stream});
        tick();
    }
    void tick()
    {
        for (int i = 0; i < 20; ++i) // so many pictures until every column of a spectrogram is there
            view.tick();
        QApplication::processEvents();
    }
    template <typename T>
    T* control(const char* name)
    {
        return holder.findChild<T*>(QLatin1String(name));
    }
    void clickAt(double seconds)
    {
        const double shown = view.time().begin() + seconds;
        TracePlot* plot = view.plots().front();
        const int width = plot->width() - TracePlot::kLeftMargin - TracePlot::kRightMargin;
        const int x = TracePlot::kLeftMargin +
                      static_cast<int>(std::lround((shown - view.time().begin()) / view.time().length() * width));
        QTest::mouseClick(plot, Qt::LeftButton, {}, {x, plot->height() / 2});
    }

    QWidget holder;
    std::shared_ptr<device::LiveBuffer> stream = toneStream();
    LiveView view;
};

/// The number of the board's row that a recording begins with, within one turn of its counter.
int firstNumberedRow(Workbench& bench, dataset::RecordingId id)
{
    const auto reader = dataset::RecordingReader::open(bench.project().project(), id);
    const auto rows = reader ? reader->window(0, 1) : Result<QByteArray>(reader.error());
    for (int row = 0; rows && row < 65'536; ++row) {
        if (rows->startsWith(numberedRows(row, 1, 1)))
            return row;
    }
    return -1;
}

} // namespace

class TestCapture : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void fromAFreshStartToALabelledRecording()
    {
        Workbench bench;
        QVERIFY(bench.makeProject(QStringLiteral("gestures")));
        QVERIFY(bench.click(bench.find(QStringLiteral("board-mps2-an386"))));
        auto* second = bench.find<QComboBox>(QStringLiteral("second-feed"));
        QVERIFY(second);
        QCOMPARE(second->currentText(), QStringLiteral("nothing"));
        second->setCurrentIndex(1);
        Q_EMIT second->activated(1);
        QVERIFY(bench.click(QStringLiteral("main-action"))); // Start board
        QTRY_VERIFY2_WITH_TIMEOUT(bench.devices().isStreaming(), qPrintable(bench.visibleText()), kBootMs);
        QVERIFY(bench.click(QStringLiteral("main-action"))); // Go to Capture
        QCOMPARE(bench.window().currentPage(), QStringLiteral("capture"));
        // The board finds its second sensor when it does, and then it can be chosen.
        QTRY_COMPARE_WITH_TIMEOUT(bench.devices().streamNames().size(), 2, kBootMs);
        QTRY_VERIFY(bench.find<QPushButton>(QStringLiteral("streams")));
        QCOMPARE(bench.devices().streams().size(), std::size_t(1)); // until then the first alone

        for (const char* name : {"walk", "rest"}) {
            auto* field = bench.find<QLineEdit>(QStringLiteral("new-label"));
            QVERIFY(bench.click(field));
            QTest::keyClicks(field, QLatin1String(name));
            QTest::keyClick(field, Qt::Key_Return);
        }
        // Digits and Space work at once: the field has given the keys back.
        bench.key(Qt::Key_2);
        QTRY_VERIFY(bench.find<QAbstractButton>(QStringLiteral("label-rest")));
        QVERIFY(bench.find<QAbstractButton>(QStringLiteral("label-rest"))->isChecked());
        bench.key(Qt::Key_1);
        QVERIFY(bench.find<QAbstractButton>(QStringLiteral("label-walk"))->isChecked());
        bench.key(Qt::Key_Space);
        QTRY_VERIFY(bench.devices().isRecording());
        QTRY_VERIFY_WITH_TIMEOUT(recordingsOf(bench).size() == 1 && recordingsOf(bench).front().rowCount > 50, 30'000);
        bench.key(Qt::Key_Space);
        QTRY_VERIFY2(bench.shows(QStringLiteral("0 lost")), qPrintable(bench.visibleText()));
        QTRY_COMPARE(takesShown(bench), 1);
        QTRY_COMPARE(recordingsOf(bench).front().state, dataset::RecordingState::Finished);

        const dataset::Recording take = recordingsOf(bench).front();
        QTRY_COMPARE(labelOf(bench, take.id), QStringLiteral("walk"));
        QCOMPARE(take.stream.type, signal::SampleType::Int16);
        QCOMPARE(static_cast<int>(take.stream.channels.size()), 6);
        QCOMPARE(bench.project().project().labels().segments(take.id)->front().end, take.endRow);
        bench.key(Qt::Key_3, Qt::ControlModifier);
        QTRY_COMPARE(bench.find<QTableView>(QStringLiteral("recordings"))->model()->rowCount(), 1);

        // Backspace takes it away, Undo in the toast brings the very same back.
        bench.key(Qt::Key_2, Qt::ControlModifier);
        bench.key(Qt::Key_Backspace);
        QTRY_COMPARE(takesShown(bench), 0);
        QVERIFY(recordingsOf(bench).empty());
        QVERIFY(bench.clickText(QStringLiteral("Undo")));
        QTRY_COMPARE(takesShown(bench), 1);
        QCOMPARE(recordingsOf(bench).front().contentHash, take.contentHash);
        QCOMPARE(labelOf(bench, take.id), QStringLiteral("walk"));
        QVERIFY(bench.devices().isStreaming());
    }

    void labelsChangeWhileATakeRuns()
    {
        if (!hasModemShim())
            QSKIP("The modem shim is not preloaded.");
        CableBench bench;
        QVERIFY(bench.begin());
        for (const char* name : {"walk", "rest"})
            QVERIFY(bench.project().project().labels().ensureLabel(QString::fromLatin1(dataset::kDefaultLabelSet),
                                                                   QLatin1String(name)));
        bench.project().announceChange();
        bench.find<QDoubleSpinBox>(QStringLiteral("take-length"))->setValue(0);
        focusPage(bench);
        bench.key(Qt::Key_1);
        bench.key(Qt::Key_Space);
        QTRY_VERIFY_WITH_TIMEOUT(!recordingsOf(bench).empty() && recordingsOf(bench).front().rowCount > 200, 30'000);
        bench.key(Qt::Key_2);
        const qint64 changed = recordingsOf(bench).front().rowCount;
        QTRY_VERIFY_WITH_TIMEOUT(recordingsOf(bench).front().rowCount > changed + 200, 30'000);
        bench.key(Qt::Key_0); // the rest is nobody's
        const qint64 ended = recordingsOf(bench).front().rowCount;
        QTRY_VERIFY_WITH_TIMEOUT(recordingsOf(bench).front().rowCount > ended + 200, 30'000);
        bench.key(Qt::Key_Space);
        QTRY_COMPARE(recordingsOf(bench).front().state, dataset::RecordingState::Finished);

        const auto segments = [&bench] {
            return bench.project().project().labels().segments(recordingsOf(bench).front().id).value();
        };
        QTRY_COMPARE(static_cast<int>(segments().size()), 2);
        const auto labels = bench.project().project().labels().labels().value();
        const dataset::Segment walk = segments()[0];
        const dataset::Segment rest = segments()[1];
        QCOMPARE(walk.begin, 0);
        QCOMPARE(walk.end, rest.begin); // nothing between them, nothing twice
        QVERIFY(walk.label.value != rest.label.value);
        QVERIFY2(rest.begin >= changed && rest.end >= ended && rest.end < recordingsOf(bench).front().endRow - 100,
                 qPrintable(QStringLiteral("%1 %2").arg(rest.begin).arg(rest.end)));
        QTRY_VERIFY(bench.shows(QStringLiteral("and 1 more")));
    }

    void severalStreamsAreShownAndRecordedSideBySide()
    {
        if (!hasModemShim())
            QSKIP("The modem shim is not preloaded.");
        constexpr double kSecondHz = 100;
        CableBench bench(kSecondHz);
        QVERIFY(bench.begin());
        const auto* view = bench.page()->findChild<LiveView*>();
        QCOMPARE(view->plots().size(), std::size_t(1)); // the first alone, until more are asked for
        auto* choice = bench.find<QPushButton>(QStringLiteral("streams"));
        QVERIFY(choice);
        QCOMPARE(choice->text(), QStringLiteral("Stream: sensor"));
        QCOMPARE(choice->menu()->actions().size(), 2);
        choice->menu()->actions().back()->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(bench.devices().streams().size(), std::size_t(2), 30'000);
        QTRY_COMPARE(view->plots().size(), std::size_t(2));
        QCOMPARE(choice->text(), QStringLiteral("2 streams"));
        QVERIFY(bench.shows(QStringLiteral("sensor2 · 100 Hz")));
        QTRY_VERIFY_WITH_TIMEOUT(view->plots()[0]->pointCount(0) > 100 && view->plots()[1]->pointCount(0) > 50, 30'000);

        auto* label = bench.find<QLineEdit>(QStringLiteral("new-label"));
        QTest::keyClicks(label, QStringLiteral("walk"));
        QTest::keyClick(label, Qt::Key_Return);
        bench.find<QDoubleSpinBox>(QStringLiteral("take-length"))->setValue(1.5);
        focusPage(bench);
        bench.key(Qt::Key_Space);
        QTRY_VERIFY(bench.devices().isRecording());
        QVERIFY(!choice->isEnabled());
        QTRY_VERIFY2_WITH_TIMEOUT(bench.shows(QStringLiteral("in 2 streams, 0 lost")), qPrintable(bench.visibleText()),
                                  30'000);
        QCOMPARE(recordingsOf(bench).size(), std::size_t(2));
        const dataset::Recording main = recordingsOf(bench)[0];
        const dataset::Recording other = recordingsOf(bench)[1];
        QCOMPARE(main.stream.name, QStringLiteral("sensor"));
        QCOMPARE(main.endRow, 1500);
        QCOMPARE(other.stream.name, QStringLiteral("sensor2"));
        QCOMPARE(other.endRow, 150);
        QCOMPARE(other.metadata.value(QStringLiteral("recorded_with")).toInteger(), main.id.value);
        // Both sensors began when they were asked to, one right after the other, and number their rows from there.
        const double after = other.metadata.value(QStringLiteral("begins_after_s")).toDouble(-100);
        const double expected =
            firstNumberedRow(bench, other.id) / kSecondHz - firstNumberedRow(bench, main.id) / kRateHz;
        QVERIFY2(std::abs(after - expected) < 0.1, qPrintable(QStringLiteral("%1 %2").arg(after).arg(expected)));
        // The label holds for the same time in both.
        QCOMPARE(labelOf(bench, main.id), QStringLiteral("walk"));
        QCOMPARE(labelOf(bench, other.id), QStringLiteral("walk"));
        const auto segment = bench.project().project().labels().segments(other.id)->front();
        QVERIFY2(std::abs(static_cast<double>(segment.begin) - std::max(0.0, -after * kSecondHz)) < 2,
                 qPrintable(QString::number(segment.begin)));

        // Backspace takes the whole take away, and Undo brings it back.
        focusPage(bench);
        bench.key(Qt::Key_Backspace);
        QTRY_COMPARE(takesShown(bench), 0);
        QVERIFY(bench.clickText(QStringLiteral("Undo")));
        QTRY_COMPARE(takesShown(bench), 2);

        // A label that cannot be made leaves both streams whole.
        TakeRecorder recorder(bench.context());
        std::optional<SavedTake> saved;
        connect(&recorder, &TakeRecorder::saved, this, [&saved](const SavedTake& take) { saved = take; });
        TakeSettings settings;
        settings.label = QStringLiteral(" ");
        settings.seconds = 0.2;
        QVERIFY(recorder.start(settings));
        QTRY_VERIFY_WITH_TIMEOUT(saved, 30'000);
        QVERIFY(saved->endedBy && saved->endedBy->kind == ErrorKind::Usage);
        QCOMPARE(saved->streams, 2);
        QCOMPARE(recordingsOf(bench).size(), std::size_t(4));
        for (const dataset::Recording& recording : recordingsOf(bench))
            QCOMPARE(recording.state, dataset::RecordingState::Finished);
        QVERIFY(recordingsOf(bench).back().metadata.contains(QStringLiteral("begins_after_s")));
    }

    void aSpectrumAndASpectrogramShowATone()
    {
        ToneBench bench;
        QVERIFY(!bench.view.spectrogram().isVisible());
        bench.control<QToolButton>("show-spectrogram")->click();
        bench.control<QToolButton>("show-spectrum")->click();
        bench.tick();
        QVERIFY(bench.view.spectrogram().isVisible() && bench.view.spectrum().isVisible());
        const auto peak = bench.view.spectrum().peak();
        QVERIFY(peak);
        QVERIFY2(std::abs(peak->hertz - kToneHz) < 0.1, qPrintable(QString::number(peak->hertz)));
        // The power of a tone of amplitude 2 is 2, of which Hann's window leaves 2/3 in the bin of the tone.
        QVERIFY2(std::abs(peak->levelDb - 10 * std::log10(2 * 2.0 / 3)) < 0.1,
                 qPrintable(QString::number(peak->levelDb)));
        const SpectrogramPlot& map = bench.view.spectrogram();
        const double middle = (bench.view.time().begin() + bench.view.time().end()) / 2;
        const auto tone = map.levelAt(middle, kToneHz);
        const auto quiet = map.levelAt(middle, 2 * kToneHz);
        QVERIFY(tone && quiet);
        QVERIFY2(*tone > 0 && *quiet < *tone - 60, qPrintable(QStringLiteral("%1 %2").arg(*tone).arg(*quiet)));
        QVERIFY(map.csv().startsWith(QStringLiteral("seconds,1.5625 Hz (dB)")));

        // The wheel zooms there as everywhere, and the picture then stands still.
        auto* plot = bench.control<SpectrogramPlot>("spectrogram");
        const QPointF at(plot->width() / 2, plot->height() / 2);
        QWheelEvent wheel(at, plot->mapToGlobal(at), {}, {0, 120}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase,
                          false);
        QApplication::sendEvent(plot, &wheel);
        QVERIFY(!bench.view.isFollowing() && bench.view.time().length() < 9.9);
        bench.view.setFollowing(true);
        bench.tick();

        // Where rows are missing there is no level, and no false one around it.
        signal::SampleBlock later;
        later.firstRow = bench.stream->endRow() + 10;
        later.rowCount = 1;
        later.rows = QByteArray(8, '\0');
        bench.stream->append(later);
        feedTone(*bench.stream, 300);
        bench.tick();
        QVERIFY(!map.levelAt(20.05, kToneHz));
        QVERIFY(map.levelAt(21.5, kToneHz));
        QVERIFY(bench.view.spectrum().peak());
    }

    // A take of two boards with two streams each goes as a whole; in the balance each board counts, and none of them
    // twice.
    void whatWasRecordedTogetherGoesTogether()
    {
        Workbench bench;
        QVERIFY(bench.makeProject(QStringLiteral("boards")));
        bench.window().showPage(QStringLiteral("capture"));
        const auto record = [&bench](const char* relation, qint64 to) -> qint64 {
            dataset::NewRecording about;
            about.stream = numberedSpec(100);
            if (relation)
                about.metadata.insert(QLatin1String(relation), to);
            const auto writer = dataset::RecordingWriter::start(bench.project().path(), about);
            signal::SampleBlock block;
            block.rowCount = 100;
            block.rows = numberedRows(0, 100);
            if (!writer || !(*writer)->append(block))
                return 0;
            const auto done = (*writer)->finish();
            const auto label = bench.project().project().labels().ensureLabel(
                QString::fromLatin1(dataset::kDefaultLabelSet), QStringLiteral("walk"));
            if (!done || !label || !bench.project().edit(dataset::AddSegment{{{}, done->id, label->id, 0, 100}}))
                return 0;
            return done->id.value;
        };
        const qint64 before = record(nullptr, 0);
        const qint64 first = record(nullptr, 0);
        const qint64 second = record(dataset::kRecordedBeside, first);
        QVERIFY(before > 0 && record(dataset::kRecordedWith, first) > 0 && second > 0);
        QVERIFY(record(dataset::kRecordedWith, second) > 0);
        bench.project().announceChange();
        QTRY_COMPARE(takesShown(bench), 5);
        const auto* balance = bench.page()->findChild<BalanceBar*>();
        QVERIFY(balance && balance->amounts().size() == 1);
        QCOMPARE(balance->amounts().front().amount, 3.0); // a second of the take before, and of both boards

        focusPage(bench);
        bench.key(Qt::Key_Backspace);
        QTRY_COMPARE(takesShown(bench), 1);
        QCOMPARE(recordingsOf(bench).front().id.value, before);
    }

    void cursorsMeasureTimeFrequencyAndValue()
    {
        ToneBench bench;
        bench.control<QComboBox>("view-channel")->setCurrentIndex(1);
        Q_EMIT bench.control<QComboBox>("view-channel")->activated(1);
        bench.control<QToolButton>("measure")->click();
        auto* line = bench.control<QLabel>("measured");
        QVERIFY(line->isVisible() && line->text().startsWith(QStringLiteral("Click")));
        QVERIFY(bench.view.isFollowing());
        bench.clickAt(6);
        QVERIFY(!bench.view.isFollowing()); // what is measured stands still
        bench.clickAt(2);
        const QRegularExpression said(
            QStringLiteral("Δt ([0-9.]+) s  ·  ([0-9.]+) Hz  ·  count (\\d+) → (\\d+), Δ (\\d+)"));
        const QRegularExpressionMatch found = said.match(line->text());
        QVERIFY2(found.hasMatch(), qPrintable(line->text()));
        const double seconds = found.captured(1).toDouble();
        QVERIFY2(std::abs(seconds - 4) < 0.03, qPrintable(line->text())); // a pixel is 10 ms
        QVERIFY(std::abs(found.captured(2).toDouble() - 1 / seconds) < 1e-3);
        // The channel counts rows, 100 a second, and the first row in view is number 1000.
        QVERIFY2(std::abs(found.captured(3).toDouble() - 1200) < 3, qPrintable(line->text()));
        QCOMPARE(found.captured(5).toInt(), found.captured(4).toInt() - found.captured(3).toInt());
        QVERIFY(std::abs(found.captured(5).toDouble() - 100 * seconds) < 1.5);
        // The picture stays though rows come, and follows again when it is asked to.
        const double before = bench.view.time().begin();
        feedTone(*bench.stream, 200);
        bench.tick();
        QCOMPARE(bench.view.time().begin(), before);
        bench.view.setFollowing(true);
        bench.tick();
        QVERIFY(bench.view.time().begin() > before + 1.9);
        bench.control<QToolButton>("measure")->click();
        QVERIFY(!line->isVisible());
    }

    void thePictureIsHeldWhereALevelIsCrossed()
    {
        ToneBench bench;
        bench.control<QComboBox>("view-channel")->setCurrentIndex(1);
        Q_EMIT bench.control<QComboBox>("view-channel")->activated(1);
        bench.control<QComboBox>("live-window")->setCurrentIndex(0); // 2 s
        bench.control<QToolButton>("hold-at-level")->click();
        bench.control<QDoubleSpinBox>("view-trigger-level")->setValue(2100);
        bench.tick();
        const double free = bench.view.time().end();
        QCOMPARE(free, 20.0);         // nothing has crossed: it runs free
        feedTone(*bench.stream, 150); // crosses at 21 s; the picture's end, 22.5 s, is not there yet
        bench.tick();
        QCOMPARE(bench.view.time().end(), 21.5);
        feedTone(*bench.stream, 130);
        bench.tick();
        QCOMPARE(bench.view.time().begin(), 20.5); // a quarter before the crossing
        QCOMPARE(bench.view.time().end(), 22.5);
        feedTone(*bench.stream, 100);
        bench.tick();
        QCOMPARE(bench.view.time().end(), 22.5); // held
        feedTone(*bench.stream, 500);
        bench.tick();
        QCOMPARE(bench.view.time().end(), 28.8); // nothing more comes: free again
    }

    void takesFollowEachOtherWithWhatCameBefore()
    {
        if (!hasModemShim())
            QSKIP("The modem shim is not preloaded.");
        CableBench bench;
        QVERIFY(bench.begin());
        QVERIFY(bench.click(QStringLiteral("take-more")));
        bench.find<QDoubleSpinBox>(QStringLiteral("take-length"))->setValue(0.4);
        bench.find<QSpinBox>(QStringLiteral("take-count"))->setValue(3);
        bench.find<QDoubleSpinBox>(QStringLiteral("take-pause"))->setValue(0.2);
        bench.find<QDoubleSpinBox>(QStringLiteral("take-history"))->setValue(0.5);
        bench.find<QSpinBox>(QStringLiteral("take-countdown"))->setValue(1);
        bench.find<QLineEdit>(QStringLiteral("take-placement"))->setText(QStringLiteral("left wrist"));
        focusPage(bench);
        bench.key(Qt::Key_Space);
        QTRY_VERIFY2(
            bench.find<QAbstractButton>(QStringLiteral("main-action"))->text().startsWith(QStringLiteral("Begins in")),
            qPrintable(bench.find<QAbstractButton>(QStringLiteral("main-action"))->text()));
        QTRY_COMPARE_WITH_TIMEOUT(static_cast<int>(recordingsOf(bench).size()), 3, 30'000);
        QTRY_COMPARE_WITH_TIMEOUT(recordingsOf(bench).back().state, dataset::RecordingState::Finished, 30'000);
        QTRY_COMPARE(bench.find<QAbstractButton>(QStringLiteral("main-action"))->text(), QStringLiteral("Record"));
        for (const dataset::Recording& take : recordingsOf(bench)) {
            QCOMPARE(take.endRow, 900); // 0.5 s before, 0.4 s after
            QCOMPARE(take.metadata.value(QStringLiteral("placement")).toString(), QStringLiteral("left wrist"));
        }
        QCOMPARE(static_cast<int>(recordingsOf(bench).size()), 3);
    }

    void aTakeWaitsForItsTrigger()
    {
        if (!hasModemShim())
            QSKIP("The modem shim is not preloaded.");
        CableBench bench;
        QVERIFY(bench.begin());
        // The rows count up and wrap: the first channel rises above this about once in nine seconds.
        constexpr double kLevel = 12'000;
        QVERIFY(bench.click(QStringLiteral("take-more")));
        bench.find<QDoubleSpinBox>(QStringLiteral("take-length"))->setValue(0.2);
        auto* trigger = bench.find<QComboBox>(QStringLiteral("take-trigger"));
        QTest::keyClick(trigger, Qt::Key_Down);
        QCOMPARE(trigger->currentIndex(), 1);
        bench.find<QDoubleSpinBox>(QStringLiteral("take-trigger-level"))->setValue(kLevel);
        bench.find<QDoubleSpinBox>(QStringLiteral("take-history"))->setValue(2);
        focusPage(bench);
        bench.key(Qt::Key_Space);
        QTRY_VERIFY(
            bench.find<QAbstractButton>(QStringLiteral("main-action"))->text().startsWith(QStringLiteral("Waiting")));
        QTRY_COMPARE_WITH_TIMEOUT(static_cast<int>(recordingsOf(bench).size()), 1, 60'000);
        QTRY_COMPARE_WITH_TIMEOUT(recordingsOf(bench).front().state, dataset::RecordingState::Finished, 30'000);

        const auto reader = dataset::RecordingReader::open(bench.project().project(), recordingsOf(bench).front().id);
        QVERIFY(reader);
        const QByteArray rows = reader->window(0, recordingsOf(bench).front().endRow).value();
        const auto* samples = reinterpret_cast<const qint16*>(rows.constData());
        const auto count = static_cast<std::size_t>(rows.size()) / 6;
        bool crossed = false;
        for (std::size_t i = 1; i < count; ++i)
            crossed = crossed || (samples[3 * (i - 1)] * 0.5 < kLevel && samples[3 * i] * 0.5 >= kLevel);
        QVERIFY(crossed);
    }

    void anEmulatorThatDiesWhileRecordingIsSaidAndCanBeStartedAgain()
    {
        Workbench bench;
        QVERIFY(bench.makeProject(QStringLiteral("gestures")));
        bench.window().startBoard(QStringLiteral("mps2-an386"));
        bench.window().showPage(QStringLiteral("capture"));
        QTRY_VERIFY2_WITH_TIMEOUT(bench.devices().isStreaming(), qPrintable(bench.visibleText()), kBootMs);
        focusPage(bench);
        bench.key(Qt::Key_Space);
        QTRY_VERIFY_WITH_TIMEOUT(!recordingsOf(bench).empty() && recordingsOf(bench).front().rowCount > 50, 30'000);
        QCOMPARE(killChildren(QCoreApplication::applicationPid(), QStringLiteral("qemu-system-arm")), 1);

        QTRY_COMPARE_WITH_TIMEOUT(bench.devices().state(), DeviceSession::State::Failed, 30'000);
        QTRY_VERIFY2(bench.shows(QStringLiteral("are in the project")), qPrintable(bench.visibleText()));
        QVERIFY2(bench.shows(QStringLiteral("The emulator of Arm MPS2 AN386")), qPrintable(bench.visibleText()));
        QVERIFY(!bench.devices().isRecording());
        QTRY_COMPARE(recordingsOf(bench).front().state, dataset::RecordingState::Finished);
        QVERIFY(recordingsOf(bench).front().rowCount > 50);
        QVERIFY(!bench.find(QStringLiteral("main-action")) || !bench.find(QStringLiteral("main-action"))->isEnabled());

        QVERIFY2(bench.clickText(QStringLiteral("Start again")), qPrintable(bench.visibleText()));
        QTRY_VERIFY2_WITH_TIMEOUT(bench.devices().isStreaming(), qPrintable(bench.visibleText()), kBootMs);
        QVERIFY(!bench.shows(QStringLiteral("Start again")));
        focusPage(bench);
        bench.key(Qt::Key_Space);
        QTRY_VERIFY_WITH_TIMEOUT(recordingsOf(bench).size() == 2 && recordingsOf(bench).back().rowCount > 20, 30'000);
        bench.key(Qt::Key_Space);
        QTRY_COMPARE(recordingsOf(bench).back().state, dataset::RecordingState::Finished);
    }

    void aPulledCableIsSaidAndTheTakeGoesOnWhenItIsBack()
    {
        if (!hasModemShim())
            QSKIP("The modem shim is not preloaded.");
        PtyPair cable;
        HostBoardOptions options;
        options.rateHz = kRateHz;
        auto board = std::make_unique<HostBoard>(cable.master(), options);
        Workbench bench;
        QVERIFY(bench.makeProject(QStringLiteral("gestures")));
        bench.devices().connectTo(cable.serialAddress(), QStringLiteral("Board on a cable"));
        bench.window().showPage(QStringLiteral("capture"));
        QTRY_VERIFY2_WITH_TIMEOUT(bench.devices().isStreaming(), qPrintable(bench.visibleText()), 30'000);
        bench.find<QDoubleSpinBox>(QStringLiteral("take-length"))->setValue(0); // until stopped
        focusPage(bench);
        bench.key(Qt::Key_Space);
        QTRY_VERIFY_WITH_TIMEOUT(!recordingsOf(bench).empty() && recordingsOf(bench).front().rowCount > 200, 30'000);

        board.reset();
        cable.unplug();
        QTRY_COMPARE_WITH_TIMEOUT(bench.devices().state(), DeviceSession::State::LinkLost, 30'000);
        QTRY_VERIFY2(bench.shows(QStringLiteral("was unplugged")), qPrintable(bench.visibleText()));
        QVERIFY(bench.shows(QStringLiteral("the rows until now are in the project")));
        const qint64 before = recordingsOf(bench).front().rowCount;
        QVERIFY(before > 200);

        QVERIFY(cable.plugAgain());
        options.session = 2; // it was without power
        board = std::make_unique<HostBoard>(cable.master(), options);
        QTRY_VERIFY2_WITH_TIMEOUT(bench.devices().isStreaming(), qPrintable(bench.visibleText()), 60'000);
        QTRY_VERIFY(!bench.shows(QStringLiteral("was unplugged")));
        QTRY_VERIFY_WITH_TIMEOUT(recordingsOf(bench).front().rowCount > before + 200, 30'000);
        bench.key(Qt::Key_Space);
        QTRY_COMPARE_WITH_TIMEOUT(recordingsOf(bench).front().state, dataset::RecordingState::Finished, 30'000);
        QCOMPARE(static_cast<int>(recordingsOf(bench).size()), 1);
        QCOMPARE(bench.devices().ledger().reconnects, 1);
        // What came before the cable was pulled is what the board sent.
        const auto reader = dataset::RecordingReader::open(bench.project().project(), recordingsOf(bench).front().id);
        QVERIFY(reader);
        const QByteArray first = reader->window(0, 200).value();
        bool found = false;
        for (qint64 row = 0; row < 200'000 && !found; ++row)
            found = first.startsWith(numberedRows(row, 1)) && first == numberedRows(row, 200);
        QVERIFY(found);
    }

    void aDismissedNoticeStaysAway()
    {
        Workbench bench;
        // A board behind a socket, typed as an address on the page that the window opens with.
        auto* address = bench.find<QLineEdit>(QStringLiteral("address"));
        QVERIFY(bench.click(address));
        QTest::keyClicks(address, QStringLiteral("unix:///nowhere/at/all"));
        QTest::keyClick(address, Qt::Key_Return);
        QCOMPARE(bench.devices().address(), QStringLiteral("unix:///nowhere/at/all"));
        QTRY_VERIFY_WITH_TIMEOUT(bench.devices().state() == DeviceSession::State::Failed, 30'000);
        QVERIFY2(bench.shows(QStringLiteral("nowhere")), qPrintable(bench.visibleText()));
        QAbstractButton* close = nullptr;
        for (QAbstractButton* candidate : bench.page()->findChildren<QAbstractButton*>()) {
            if (candidate->isVisible() && candidate->toolTip() == QStringLiteral("Dismiss"))
                close = candidate;
        }
        QVERIFY(bench.click(close));
        QVERIFY(!close->isVisible());
        Q_EMIT bench.devices().changed(); // as every status of a link does
        QVERIFY(!close->isVisible());
    }

    void withoutAProjectNothingIsRecordedAndItSaysWhy()
    {
        Workbench bench;
        PtyPair cable;
        HostBoard board(cable.master(), {});
        if (!hasModemShim())
            QSKIP("The modem shim is not preloaded.");
        bench.devices().connectTo(cable.serialAddress(), QStringLiteral("Board on a cable"));
        bench.window().showPage(QStringLiteral("capture"));
        QTRY_VERIFY_WITH_TIMEOUT(bench.devices().isStreaming(), 30'000);
        QTRY_VERIFY2(bench.shows(QStringLiteral("none is open")), qPrintable(bench.visibleText()));
        focusPage(bench);
        bench.key(Qt::Key_Space);
        QVERIFY(!bench.devices().isRecording());
        QVERIFY(bench.makeProject(QStringLiteral("late")));
        QTRY_VERIFY(!bench.shows(QStringLiteral("none is open")));
        focusPage(bench);
        bench.key(Qt::Key_Space);
        QTRY_VERIFY(bench.devices().isRecording());
        QTRY_VERIFY_WITH_TIMEOUT(!recordingsOf(bench).empty() && recordingsOf(bench).front().rowCount > 50, 30'000);
        // A click ends it, and leaves the keys to the page: Space begins the next one, once.
        QVERIFY(bench.click(QStringLiteral("main-action")));
        QTRY_COMPARE(recordingsOf(bench).front().state, dataset::RecordingState::Finished);
        bench.key(Qt::Key_Space);
        QTRY_VERIFY(bench.devices().isRecording());
        QTRY_COMPARE(static_cast<int>(recordingsOf(bench).size()), 2);
    }
};

EMBER_WORKBENCH_TEST_MAIN(TestCapture)
#include "tst_capture_page.moc"
