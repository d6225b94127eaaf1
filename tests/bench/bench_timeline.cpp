// SPDX-License-Identifier: GPL-3.0-or-later
// How long the timeline takes to draw while it is scrolled over a long recording with many labels in two sets, and to
// find the next stretch without a label or of which the sets say different things. Usage: bench_timeline [MILLION_ROWS]
// [SEGMENTS]; the project goes to a temporary folder.
#include "app/gui/dataset/label_keyboard.h"
#include "app/gui/dataset/timeline.h"
#include "app/gui/theme/theme_hub.h"
#include "core/dataset/edits.h"
#include "core/dataset/label_agreement.h"
#include "core/dataset/recording_writer.h"
#include "core/dataset/segmenters.h"
#include "core/workflow/label_copy.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QTemporaryDir>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>

using namespace ember;

namespace {

constexpr double kRate = 1000;
constexpr qint64 kBlockRows = 1 << 16;
constexpr int kFrames = 200;

/// A swing that is loud in parts; one channel of 16 bits.
QByteArray rowsFrom(qint64 first, qint64 count)
{
    QByteArray rows(static_cast<qsizetype>(count) * 2, '\0');
    auto* values = reinterpret_cast<qint16*>(rows.data());
    for (qint64 i = 0; i < count; ++i) {
        const qint64 row = first + i;
        const qint64 swing = (row * 37) % 201 - 100;
        values[i] = static_cast<qint16>(row / 5000 % 2 == 0 ? swing : 100 * swing);
    }
    return rows;
}

Status makeRecording(const QString& path, qint64 rows)
{
    EMBER_TRY(const dataset::Project made, dataset::Project::create(path));
    dataset::NewRecording about;
    about.stream.type = signal::SampleType::Int16;
    about.stream.rateHz = kRate;
    about.stream.channels = {{QStringLiteral("a"), QStringLiteral("g"), 0.001, 0}};
    EMBER_TRY(auto writer, dataset::RecordingWriter::start(path, about));
    for (qint64 row = 0; row < rows; row += kBlockRows) {
        signal::SampleBlock block;
        block.firstRow = row;
        block.rowCount = std::min(kBlockRows, rows - row);
        block.rows = rowsFrom(row, block.rowCount);
        block.deviceMicros = row * 1000;
        EMBER_CHECK(writer->append(block));
    }
    EMBER_CHECK(writer->finish());
    return {};
}

/// Half of each share of the recording is labelled, the last share not at all.
Status addSegments(dataset::Project& project, qint64 rows, qint64 count)
{
    EMBER_TRY(const dataset::Label walk, project.labels().ensureLabel({}, QStringLiteral("walk")));
    EMBER_TRY(const dataset::Label rest, project.labels().ensureLabel({}, QStringLiteral("rest")));
    dataset::EditMacro macro;
    const qint64 share = rows / (count + 1);
    for (qint64 i = 0; i < count; ++i)
        macro.edits.push_back(dataset::AddSegment{
            {{}, dataset::RecordingId{1}, i % 2 == 0 ? walk.id : rest.id, i * share, i * share + share / 2}});
    EMBER_CHECK(dataset::apply(project, dataset::Edit(std::move(macro))));
    // A second opinion of all of it, whose every tenth label ends a row earlier.
    EMBER_TRY(const workflow::LabelCopy copy,
              workflow::copyLabels(project, {{}, QStringLiteral("second"), {}, {}, {}}));
    EMBER_CHECK(dataset::apply(project, copy.edit));
    EMBER_TRY(const dataset::LabelSet second, project.labels().findSet(QStringLiteral("second")));
    EMBER_TRY(const std::vector<dataset::Segment> copies,
              project.labels().segments(dataset::RecordingId{1}, second.id));
    dataset::EditMacro shorter;
    for (std::size_t i = 0; i < copies.size(); i += 10) {
        dataset::Segment changed = copies[i];
        --changed.end;
        shorter.edits.push_back(dataset::ChangeSegment{changed});
    }
    EMBER_CHECK(dataset::apply(project, dataset::Edit(std::move(shorter))));
    return {};
}

void printTimes(const QString& what, const std::function<void(int)>& step)
{
    std::vector<double> ms;
    // Beside the wall clock, which other programs push: what was really spent on a step, on average.
    const std::clock_t before = std::clock();
    for (int i = 0; i < kFrames; ++i) {
        QElapsedTimer clock;
        clock.start();
        step(i);
        ms.push_back(static_cast<double>(clock.nsecsElapsed()) * 1e-6);
    }
    std::sort(ms.begin(), ms.end());
    std::printf("%-44s median %6.2f ms, 95 %% %6.2f ms, worst %6.2f ms, %6.2f ms of the processor\n", qPrintable(what),
                ms[ms.size() / 2], ms[ms.size() * 95 / 100], ms.back(),
                static_cast<double>(std::clock() - before) * 1e3 / CLOCKS_PER_SEC / kFrames);
}

void timeTimeline(gui::Timeline& timeline, double seconds)
{
    for (const double share : {1.0, 0.1, 0.01, 0.0001}) {
        timeline.time().setRange(0, seconds * share);
        printTimes(QStringLiteral("scrolling, %1 s in view").arg(seconds * share), [&](int i) {
            // Where all is in view nothing scrolls: every other frame is a pixel shorter.
            const double begin = share < 1 ? (seconds - seconds * share) * i / kFrames : i % 2 * seconds / 1000;
            timeline.time().setRange(begin, std::min(seconds, begin + seconds * share));
            QCoreApplication::processEvents();
        });
    }
    gui::LabelKeyboard keyboard(timeline);
    keyboard.setCursor(0);
    printTimes(QStringLiteral("next unlabelled stretch"), [&](int) {
        keyboard.jumpToUnlabelled(1);
        QCoreApplication::processEvents();
    });
    printTimes(QStringLiteral("next label"), [&](int) {
        keyboard.jumpToLabel(1);
        QCoreApplication::processEvents();
    });
    keyboard.setCursor(0);
    const std::vector<dataset::LabelSet>& sets = timeline.sets();
    printTimes(QStringLiteral("next disagreement of two sets"), [&](int) {
        const auto says = [&](std::size_t set) {
            return dataset::namedStretches(timeline.segmentsOf(sets[set].id), timeline.labels());
        };
        std::vector<dataset::RowInterval> stretches;
        for (const dataset::Disagreement& place : dataset::disagreements(says(0), says(1)))
            stretches.push_back(place.rows);
        keyboard.jump(stretches, 1);
        QCoreApplication::processEvents();
    });
}

Status run(qint64 rows, qint64 segments, const gui::ThemeHub& theme)
{
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("long.ember"));
    QElapsedTimer clock;
    clock.start();
    EMBER_CHECK(makeRecording(path, rows));
    EMBER_TRY(dataset::Project project, dataset::Project::open(path));
    EMBER_CHECK(addSegments(project, rows, segments));
    std::printf("%lld rows with %lld segments, made in %.1f s\n", static_cast<long long>(rows),
                static_cast<long long>(segments), static_cast<double>(clock.restart()) * 1e-3);
    {
        gui::Timeline timeline(theme);
        timeline.resize(1200, 500);
        timeline.setVisible(true);
        EMBER_CHECK(timeline.show(project, dataset::RecordingId{1}));
        QCoreApplication::processEvents();
        std::printf("opened in %.0f ms\n", static_cast<double>(clock.restart()));
        timeTimeline(timeline, static_cast<double>(rows) / kRate);
        printTimes(QStringLiteral("labels read again and drawn"), [&](int) {
            timeline.refresh(project);
            QCoreApplication::processEvents();
        });
    }
    dataset::SegmenterSettings settings;
    EMBER_TRY(const dataset::Recording about, project.recordings().get(dataset::RecordingId{1}));
    clock.restart();
    EMBER_TRY(const dataset::RecordingFrames frames,
              dataset::framesOf(project, about.id, dataset::frameRowsFor(settings, about)));
    std::printf("frames of all rows in %.1f s\n", static_cast<double>(clock.restart()) * 1e-3);
    EMBER_TRY(const dataset::Segmentation found, dataset::segmentRecording(frames, settings));
    std::printf("%zu stretches by variance in %.0f ms\n", found.stretches.size(), static_cast<double>(clock.elapsed()));
    return {};
}

} // namespace

int main(int argc, char** argv)
{
    qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);
    const auto theme = gui::ThemeHub::create(application, gui::ThemeHub::Mode::Light);
    if (!theme) {
        std::fprintf(stderr, "%s\n", qPrintable(theme.error().toString()));
        return 1;
    }
    const qint64 rows = (argc > 1 ? std::atoll(argv[1]) : 100) * 1'000'000;
    const qint64 segments = argc > 2 ? std::atoll(argv[2]) : 10'000;
    const Status done = run(rows, segments, **theme);
    if (!done)
        std::fprintf(stderr, "%s\n", qPrintable(done.error().toString()));
    return done ? 0 : 1;
}
