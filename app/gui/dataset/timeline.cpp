// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/dataset/timeline.h"

#include "app/gui/dataset/overview_bar.h"
#include "app/gui/plot/trace_plot.h"
#include "app/gui/plot/track_strip.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"

#include <QSet>

#include <algorithm>

namespace ember::gui {
namespace {

constexpr double kLeastRows = 8; ///< rows in the closest view
constexpr int kTracesShare = 3;  ///< of the height, for each 2 of further lanes
constexpr int kLanesShare = 2;

} // namespace

Timeline::Timeline(const ThemeHub& theme, QWidget* parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_overview(new OverviewBar(m_time, theme))
    , m_lanes(new LabelLanes(m_time, theme))
    , m_track(new TrackStrip(m_time, theme))
    , m_plot(new TracePlot(m_time, theme))
{
    auto* column = plainLayout<QVBoxLayout>(this, theme.metrics().xs);
    column->addWidget(m_overview);
    column->addWidget(m_lanes);
    column->addWidget(m_track);
    column->addWidget(m_plot, kTracesShare);
    m_plot->setExportName(QStringLiteral("recording"));
}

void Timeline::addBelow(QWidget* lanes)
{
    static_cast<QVBoxLayout*>(layout())->addWidget(lanes, kLanesShare);
}

Status Timeline::show(const dataset::Project& project, dataset::RecordingId id)
{
    auto source = RecordingTraceSource::open(project, id);
    if (!source) {
        clear();
        return source.error();
    }
    const bool another = id != m_id;
    m_id = id;
    m_source = *source;
    const double rate = m_source->rate();
    m_time.setLimits(0, static_cast<double>(m_source->endRow()) / rate, kLeastRows / rate);
    if (another)
        m_time.fit();
    m_overview->setSource(m_source);
    m_plot->setSource(m_source);
    loadLabels(project);
    Q_EMIT shown();
    return {};
}

void Timeline::refresh(const dataset::Project& project)
{
    if (!m_source)
        return;
    const auto now = project.recordings().get(m_id);
    if (!now || now->trashed) {
        clear();
        return;
    }
    if (now->endRow != m_source->endRow() || now->state != m_source->recording().state) {
        if (const Status shown = show(project, m_id); !shown)
            clear();
        return;
    }
    loadLabels(project);
}

void Timeline::clear()
{
    m_id = {};
    m_source.reset();
    m_overview->setSource(nullptr);
    m_plot->setSource(nullptr);
    m_content = {};
    m_activeSegments.clear();
    m_lanes->setChanges({});
    m_lanes->setContent({});
    m_lanes->setProposals({});
    m_track->setTrack(std::nullopt);
    Q_EMIT shown();
}

void Timeline::loadLabels(const dataset::Project& project)
{
    m_content.sets = project.labels().sets().value_or(std::vector<dataset::LabelSet>{});
    m_content.labels = project.labels().labels().value_or(std::vector<dataset::Label>{});
    m_content.segments = project.labels().segments(m_id).value_or(std::vector<dataset::Segment>{});
    m_content.endRow = m_source->endRow();
    m_content.rate = m_source->rate();
    m_content.writable = !project.isReadOnly();
    m_lanes->setContent(m_content);
    chooseActive();
}

void Timeline::setActiveSet(const QString& name)
{
    m_activeSet = name;
    chooseActive();
}

void Timeline::chooseActive()
{
    const auto set = std::find_if(m_content.sets.begin(), m_content.sets.end(),
                                  [this](const dataset::LabelSet& one) { return one.name == m_activeSet; });
    const bool exists = set != m_content.sets.end();
    m_lanes->setActiveSet(exists ? set->id : dataset::LabelSetId{});
    m_activeSegments = exists ? segmentsOf(set->id) : std::vector<dataset::Segment>{};
    showBands();
}

std::vector<dataset::Segment> Timeline::segmentsOf(dataset::LabelSetId set) const
{
    QSet<dataset::LabelId> labels;
    for (const dataset::Label& label : m_content.labels) {
        if (label.set == set)
            labels.insert(label.id);
    }
    std::vector<dataset::Segment> segments;
    for (const dataset::Segment& segment : m_content.segments) {
        if (labels.contains(segment.label))
            segments.push_back(segment);
    }
    return segments;
}

void Timeline::showBands()
{
    std::vector<TraceBand> bands;
    QHash<dataset::LabelId, QColor> colours;
    for (const dataset::Label& label : m_content.labels)
        colours.insert(label.id, m_theme.theme().classColour(label.colour));
    for (const dataset::Segment& segment : m_activeSegments)
        bands.push_back({segment.begin, segment.end, colours.value(segment.label), false});
    for (const dataset::RowInterval& gap : gaps())
        bands.push_back({gap.begin, gap.end, {}, true});
    if (m_cursor && m_begunAt && *m_cursor != *m_begunAt)
        bands.push_back(
            {std::min(*m_cursor, *m_begunAt), std::max(*m_cursor, *m_begunAt), m_theme.colours().accent, false});
    m_plot->setBands(std::move(bands));
}

void Timeline::showCursor(std::optional<qint64> row, std::optional<qint64> begunAt)
{
    const bool tinted = m_begunAt || begunAt;
    m_cursor = row;
    m_begunAt = begunAt;
    m_lanes->setMark(row, begunAt);
    const auto seconds = row ? std::optional(static_cast<double>(*row) / rate()) : std::nullopt;
    m_plot->setCursors(seconds ? std::vector{*seconds} : std::vector<double>{});
    Q_EMIT cursorMoved(seconds);
    if (tinted)
        showBands();
}

std::vector<dataset::Segment> Timeline::segmentsBeside(const dataset::Segment& segment) const
{
    const auto setOf = [this](dataset::LabelId id) {
        for (const dataset::Label& label : m_content.labels) {
            if (label.id == id)
                return label.set;
        }
        return dataset::LabelSetId{};
    };
    return segmentsOf(setOf(segment.label));
}

std::vector<dataset::RowInterval> Timeline::gaps() const
{
    return m_source ? m_source->gaps() : std::vector<dataset::RowInterval>{};
}

} // namespace ember::gui
