// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/dataset/label_lanes.h"
#include "core/dataset/project.h"
#include "core/dataset/recording_writer.h"
#include "tests/gui/workbench.h"
#include "tests/support/numbered_rows.h"

#include <algorithm>

namespace ember::test {

inline constexpr double kRateHz = 100;
inline constexpr qint64 kRows = 60'000; // ten minutes
inline constexpr int kSegments = 60;

/// A project with labels "walk" and "rest" and one long recording with a gap, shown on the Dataset page.
struct LongRecording : Workbench
{
    using Rows = QByteArray (*)(qint64 firstRow, qint64 count);
    bool begin(Rows rows = nullptr)
    {
        if (!makeProject(QStringLiteral("long")))
            return false;
        for (const char* name : {"walk", "rest"}) {
            if (!labels().ensureLabel(QString::fromLatin1(dataset::kDefaultLabelSet), QLatin1String(name)))
                return false;
        }
        dataset::NewRecording about;
        about.stream = numberedSpec(kRateHz);
        auto writer = dataset::RecordingWriter::start(project().path(), about);
        if (!writer)
            return false;
        for (const auto& [from, to] : {std::pair<qint64, qint64>(0, 30'000), {30'500, kRows}}) {
            signal::SampleBlock block;
            block.firstRow = from;
            block.rowCount = to - from;
            block.rows = (rows ? rows : &numbered)(from, block.rowCount);
            block.deviceMicros = from * 10'000;
            if (!(*writer)->append(block))
                return false;
        }
        if (!(*writer)->finish())
            return false;
        project().announceChange();
        window().showPage(QStringLiteral("dataset"));
        return QTest::qWaitFor([this] { return find<gui::LabelLanes>(QString()) != nullptr; });
    }
    static QByteArray numbered(qint64 firstRow, qint64 count) { return numberedRows(firstRow, count); }
    /// How many segments a new program finds in what is on the disk at this moment: what a kill would leave.
    int segmentsAfterAKill()
    {
        const QString copy = path(QStringLiteral("copy%1.ember").arg(++m_copies));
        const QString file = project().path();
        QFile::copy(file, copy);
        QFile::copy(file + QStringLiteral("-wal"), copy + QStringLiteral("-wal"));
        const auto opened = dataset::Project::open(copy);
        const auto found = opened ? opened->labels().segments() : Result<std::vector<dataset::Segment>>(opened.error());
        return found ? static_cast<int>(found->size()) : -1;
    }
    dataset::LabelTable labels() { return project().project().labels(); }
    std::vector<dataset::Segment> segments()
    {
        return labels().segments(dataset::RecordingId{1}).value_or(std::vector<dataset::Segment>{});
    }

private:
    int m_copies = 0;
};

inline constexpr dataset::RowInterval kMoving[] = {{5'000, 6'000}, {20'000, 23'000}, {50'000, 52'000}};
inline constexpr qint64 kPadRows = 10; // a tenth of a second

/// Still, but for three stretches.
inline QByteArray movingRows(qint64 firstRow, qint64 count)
{
    QByteArray rows;
    for (qint64 row = firstRow; row < firstRow + count; ++row) {
        const bool moves = std::any_of(std::begin(kMoving), std::end(kMoving),
                                       [row](const dataset::RowInterval& m) { return row >= m.begin && row < m.end; });
        const auto value = static_cast<qint16>((row % 2 == 0 ? 1 : -1) * (moves ? 1000 : 1));
        for (std::size_t c = 0; c < numberedSpec(kRateHz).channels.size(); ++c)
            rows.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    return rows;
}

} // namespace ember::test
