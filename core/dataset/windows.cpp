// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/windows.h"

#include "core/dataset/project.h"
#include "core/dataset/recording_reader.h"

#include <QHash>

#include <algorithm>
#include <tuple>

namespace ember::dataset {
namespace {

// Far above any use, far below where sums of row numbers overflow.
constexpr qint64 kMaxRows = qint64{1} << 32;

Status checkSpec(const WindowSpec& spec)
{
    if (spec.rows <= 0 || spec.hop <= 0 || spec.rows > kMaxRows || spec.hop > kMaxRows)
        return Error(ErrorKind::Usage,
                     QStringLiteral("Windows of %1 rows every %2 rows cannot be cut.").arg(spec.rows).arg(spec.hop),
                     QStringLiteral("Length and hop must be at least one row; check the rate of the recordings."));
    if (!(spec.minShare > 0 && spec.minShare <= 1))
        return Error(ErrorKind::Usage,
                     QStringLiteral("The least share of a label in a window must be above 0 and at most 1."));
    return {};
}

Result<std::vector<Recording>> chosenRecordings(const Project& project, const std::vector<RecordingId>& ids)
{
    if (ids.empty())
        return project.recordings().list();
    std::vector<Recording> chosen;
    for (const RecordingId id : ids) {
        EMBER_TRY(Recording recording, project.recordings().get(id));
        chosen.push_back(std::move(recording));
    }
    return chosen;
}

void sortByContent(std::vector<Recording>& recordings)
{
    const auto key = [](const Recording& r) { return std::tuple(groupNameOf(r), r.name, r.contentHash, r.id.value); };
    std::sort(recordings.begin(), recordings.end(),
              [&key](const Recording& a, const Recording& b) { return key(a) < key(b); });
}

Status checkLayouts(const std::vector<Recording>& recordings)
{
    for (const Recording& recording : recordings) {
        const QString difference = layoutDifference(recordings.front().stream, recording.stream);
        if (!difference.isEmpty())
            return Error(ErrorKind::Usage,
                         QStringLiteral("The recordings '%1' and '%2' do not fit together: %3.")
                             .arg(recordings.front().name, recording.name, difference),
                         QStringLiteral("Keep recordings of one kind in a project, or discard the others."));
    }
    return {};
}

/// The labels of one set, with their places in the answer.
struct LabelOrder
{
    QHash<qint64, qint32> indexOf; ///< by label id, in colour order
    QStringList names;
};

Result<LabelOrder> labelOrder(const Project& project, LabelSetId set)
{
    LabelOrder order;
    if (!set.isValid())
        return order;
    EMBER_TRY(const auto labels, project.labels().labels(set));
    for (const Label& label : labels) {
        order.indexOf.insert(label.id.value, static_cast<qint32>(order.names.size()));
        order.names << label.name;
    }
    if (order.names.isEmpty())
        return Error(ErrorKind::Usage, QStringLiteral("The label set has no labels yet."),
                     QStringLiteral("Label some recordings, or choose another label set."));
    return order;
}

/// Cuts one recording after the other; keeps what is needed between them.
class Cutter
{
public:
    Cutter(const Project& project, const LabelOrder& order, WindowSet& out)
        : m_project(project)
        , m_order(order)
        , m_out(out)
        , m_covered(static_cast<std::size_t>(order.names.size()))
        , m_reached(m_covered.size())
    {}

    Status cut(const Recording& recording, qint32 group)
    {
        const WindowSpec& spec = m_out.spec;
        EMBER_TRY(const RecordingReader reader, RecordingReader::open(m_project, recording.id));
        EMBER_TRY(const auto runs, reader.runs());
        EMBER_TRY(m_segments, m_project.labels().segments(recording.id, spec.labelSet));
        m_firstSegment = 0;
        // By the runs there are, not by counting: a gap may be hours long.
        qint64 whole = 0;
        for (const RowInterval& run : runs) {
            const qint64 first = (run.begin + spec.hop - 1) / spec.hop * spec.hop;
            for (qint64 begin = first; begin + spec.rows <= run.end; begin += spec.hop, ++whole)
                take({recording.id, begin, -1, group, 0.0f});
        }
        const qint64 possible = recording.endRow >= spec.rows ? (recording.endRow - spec.rows) / spec.hop + 1 : 0;
        m_out.acrossGaps += possible - whole;
        return {};
    }

private:
    void take(Window window)
    {
        if (m_order.names.isEmpty()) {
            m_out.windows.push_back(window);
            return;
        }
        countCoverage(window.begin, window.begin + m_out.spec.rows);
        const auto best = std::max_element(m_covered.begin(), m_covered.end());
        const double share = static_cast<double>(*best) / static_cast<double>(m_out.spec.rows);
        if (*best == 0) {
            ++m_out.unlabelled;
        } else if (share < m_out.spec.minShare) {
            ++m_out.mixed;
        } else {
            window.label = static_cast<qint32>(best - m_covered.begin());
            window.share = static_cast<float>(share);
            m_out.windows.push_back(window);
        }
    }

    // Rows of [begin, end) that each label covers. Segments of one label that overlap count once.
    void countCoverage(qint64 begin, qint64 end)
    {
        std::fill(m_covered.begin(), m_covered.end(), 0);
        std::fill(m_reached.begin(), m_reached.end(), begin);
        while (m_firstSegment < m_segments.size() && m_segments[m_firstSegment].end <= begin)
            ++m_firstSegment;
        for (std::size_t i = m_firstSegment; i < m_segments.size() && m_segments[i].begin < end; ++i) {
            const Segment& segment = m_segments[i];
            const auto label = static_cast<std::size_t>(m_order.indexOf.value(segment.label.value));
            const qint64 from = std::max({segment.begin, begin, m_reached[label]});
            const qint64 to = std::min(segment.end, end);
            if (to > from) {
                m_covered[label] += to - from;
                m_reached[label] = to;
            }
        }
    }

    const Project& m_project;
    const LabelOrder& m_order;
    WindowSet& m_out;
    std::vector<qint64> m_covered;
    std::vector<qint64> m_reached;   ///< up to which row each label has been counted
    std::vector<Segment> m_segments; ///< of the recording at hand, by begin
    std::size_t m_firstSegment = 0;  ///< those before it end before the window at hand
};

// Classes without a single window would only be empty rows in every table.
void dropEmptyClasses(WindowSet& set, const QStringList& allNames)
{
    std::vector<qint32> renumbered(static_cast<std::size_t>(allNames.size()), -1);
    for (const Window& window : set.windows) {
        if (window.label >= 0)
            renumbered[static_cast<std::size_t>(window.label)] = 0;
    }
    for (qsizetype i = 0; i < allNames.size(); ++i) {
        qint32& number = renumbered[static_cast<std::size_t>(i)];
        if (number < 0)
            continue;
        number = static_cast<qint32>(set.classNames.size());
        set.classNames << allNames[i];
    }
    for (Window& window : set.windows) {
        if (window.label >= 0)
            window.label = renumbered[static_cast<std::size_t>(window.label)];
    }
}

} // namespace

QString groupNameOf(const Recording& recording)
{
    return recording.group.name.isEmpty() ? QStringLiteral("recording: ") + recording.name : recording.group.name;
}

Result<WindowSet> makeWindows(const Project& project, const WindowSpec& spec,
                              const std::vector<RecordingId>& recordings)
{
    EMBER_CHECK(checkSpec(spec));
    EMBER_TRY(const Transaction snapshot, Transaction::beginReading(project.database()));
    EMBER_TRY(std::vector<Recording> chosen, chosenRecordings(project, recordings));
    if (chosen.empty())
        return Error(ErrorKind::Usage, QStringLiteral("The project has no recordings to cut into windows."),
                     QStringLiteral("Record something, or import a file."));
    sortByContent(chosen);
    EMBER_CHECK(checkLayouts(chosen));
    EMBER_TRY(const LabelOrder order, labelOrder(project, spec.labelSet));
    WindowSet set;
    set.stream = chosen.front().stream;
    set.spec = spec;
    Cutter cutter(project, order, set);
    for (const Recording& recording : chosen) {
        const QString group = groupNameOf(recording);
        if (set.groupNames.isEmpty() || set.groupNames.constLast() != group)
            set.groupNames << group;
        EMBER_CHECK(cutter.cut(recording, static_cast<qint32>(set.groupNames.size() - 1)));
    }
    dropEmptyClasses(set, order.names);
    return set;
}

} // namespace ember::dataset
