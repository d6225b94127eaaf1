// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/plot/trace_plot.h"

#include "app/gui/plot/time_view.h"
#include "app/gui/theme/theme_hub.h"
#include "core/base/quantity.h"

#include <QMouseEvent>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>
#include <limits>

namespace ember::gui {
namespace {

constexpr int kBottomMargin = 26;
constexpr int kLaneGap = 6;
constexpr double kHeadroom = 0.08;   ///< of the value range, above and below
constexpr double kShrinkBelow = 0.5; ///< a lane follows smaller signals only when they use less than this
constexpr int kClickSlop = 4;
constexpr int kMinLaneHeight = 48;

/// "7.5 s", and minutes once they matter.
class TimeTicker : public QCPAxisTicker
{
protected:
    QString getTickLabel(double tick, const QLocale&, QChar, int) override
    {
        constexpr double kMinutesFrom = 120;
        if (std::abs(tick) < kMinutesFrom)
            return QString::number(tick, 'g', 6) + QStringLiteral(" s");
        const auto tenths = static_cast<qint64>(std::llround(std::abs(tick) * 10));
        QString text = QStringLiteral("%1:%2").arg(tenths / 600).arg(tenths / 10 % 60, 2, 10, QLatin1Char('0'));
        if (tenths % 10 != 0)
            text += QLatin1Char('.') + QString::number(tenths % 10);
        return tick < 0 ? QLatin1Char('-') + text : text;
    }
};

QString csvNumber(double value)
{
    return std::isnan(value) ? QString() : QString::number(value, 'g', 9);
}

} // namespace

TracePlot::TracePlot(TimeView& time, const ThemeHub& theme, QWidget* parent)
    : ThemedPlot(theme, parent)
    , m_time(time)
    , m_bands(new BandLayer(*this, theme))
{
    plotLayout()->clear();
    plotLayout()->setRowSpacing(kLaneGap);
    setMinimumHeight(kMinLaneHeight * 2);
    setFocusPolicy(Qt::ClickFocus);
    setWhatsThis(tr("Wheel zooms time at the mouse, Shift+wheel moves, double click fits. "
                    "Drag on a value axis to scale it, double click there to scale automatically again."));
    setExportName(QStringLiteral("traces"));
    connect(&time, &TimeView::changed, this, &TracePlot::refresh);
    applyTheme();
}

void TracePlot::setSource(std::shared_ptr<TraceSource> source)
{
    const bool sameLanes = m_source && source && m_source->spec() == source->spec();
    m_source = std::move(source);
    if (!sameLanes)
        buildLanes();
    for (Lane& lane : m_lanes)
        lane.range = QCPRange(0, 0); // forget the values of the source before
    m_bands->setBands({}, 1.0);
    refresh();
}

void TracePlot::setBands(std::vector<TraceBand> bands)
{
    m_bands->setBands(std::move(bands), m_source ? m_source->rate() : 1.0, m_source ? m_source->beginSeconds() : 0.0);
    replot(QCustomPlot::rpQueuedReplot);
}

void TracePlot::buildLanes()
{
    m_bands->setLanes({});
    m_cursors.clear();
    m_dragLane = nullptr;
    m_drag = Drag::None;
    clearItems();
    clearGraphs();
    m_lanes.clear();
    plotLayout()->clear();
    if (!m_source)
        return;
    const signal::StreamSpec& spec = m_source->spec();
    // One lane for each unit, in the order in which units first appear.
    QStringList units;
    for (const signal::Channel& channel : spec.channels) {
        if (!units.contains(channel.unit))
            units << channel.unit;
    }
    for (const QString& unit : units) {
        std::vector<int> channels;
        for (std::size_t i = 0; i < spec.channels.size(); ++i) {
            if (spec.channels[i].unit == unit)
                channels.push_back(static_cast<int>(i));
        }
        buildLane(unit, channels);
    }
    std::vector<QCPAxisRect*> rects;
    for (const Lane& lane : m_lanes)
        rects.push_back(lane.rect);
    m_bands->setLanes(std::move(rects));
    placeTimeAxis();
    drawCursors();
    applyTheme();
}

void TracePlot::setCursors(std::vector<double> seconds)
{
    if (seconds == m_cursorSeconds)
        return;
    m_cursorSeconds = std::move(seconds);
    drawCursors();
    replot(QCustomPlot::rpQueuedReplot);
}

void TracePlot::setTimeAxisShown(bool shown)
{
    m_timeAxisShown = shown;
    placeTimeAxis();
    replot(QCustomPlot::rpQueuedReplot);
}

/// Under the last lane, where it is shown at all.
void TracePlot::placeTimeAxis()
{
    if (m_lanes.empty())
        return;
    QCPAxisRect* last = m_lanes.back().rect;
    last->axis(QCPAxis::atBottom)->setTickLabels(m_timeAxisShown);
    last->setMargins(QMargins(kLeftMargin, 0, kRightMargin, m_timeAxisShown ? kBottomMargin : 0));
}

void TracePlot::drawCursors()
{
    if (m_lanes.empty())
        return;
    while (m_cursors.size() < m_cursorSeconds.size())
        m_cursors.push_back(makeCursor());
    const QCPRange shown = m_lanes.front().rect->axis(QCPAxis::atBottom)->range();
    for (std::size_t i = 0; i < m_cursors.size(); ++i) {
        QCPItemLine* line = m_cursors[i];
        const bool isThere = i < m_cursorSeconds.size() && shown.contains(m_cursorSeconds[i]);
        line->setVisible(isThere);
        if (!isThere)
            continue;
        line->setPen(QPen(theme().colours().accent, 1.5));
        line->start->setCoords(m_cursorSeconds[i], 0);
        line->end->setCoords(m_cursorSeconds[i], 1);
    }
}

QCPItemLine* TracePlot::makeCursor()
{
    auto* line = new QCPItemLine(this);
    line->setClipToAxisRect(false);
    for (QCPItemPosition* end : {line->start, line->end}) {
        end->setAxisRect(m_lanes.front().rect);
        end->setAxes(m_lanes.front().rect->axis(QCPAxis::atBottom), m_lanes.front().rect->axis(QCPAxis::atLeft));
        end->setTypeX(QCPItemPosition::ptPlotCoords);
        end->setTypeY(QCPItemPosition::ptViewportRatio);
    }
    return line;
}

void TracePlot::buildLane(const QString& unit, const std::vector<int>& channels)
{
    Lane lane;
    lane.channels = channels;
    lane.rect = new QCPAxisRect(this);
    lane.rect->setAutoMargins(QCP::msNone);
    lane.rect->setMargins(QMargins(kLeftMargin, 0, kRightMargin, 0));
    lane.rect->setMinimumSize(0, kMinLaneHeight / 2);
    lane.rect->setRangeDrag({});
    lane.rect->setRangeZoom({});
    plotLayout()->addElement(plotLayout()->rowCount(), 0, lane.rect);
    // A rect made by hand lies on the main layer, over everything that is to be seen through.
    lane.rect->setLayer(QStringLiteral("background"));
    for (QCPAxis* axis : lane.rect->axes()) {
        axis->setLayer(QStringLiteral("axes"));
        axis->grid()->setLayer(QStringLiteral("grid"));
    }
    QCPAxis* x = lane.rect->axis(QCPAxis::atBottom);
    QCPAxis* y = lane.rect->axis(QCPAxis::atLeft);
    lane.rect->axis(QCPAxis::atTop)->setVisible(false);
    lane.rect->axis(QCPAxis::atRight)->setVisible(false);
    x->setTickLabels(false);
    x->setTicker(QSharedPointer<QCPAxisTicker>(new TimeTicker));
    y->setTicker(QSharedPointer<QCPAxisTicker>::create());
    y->ticker()->setTickCount(3);
    y->setNumberFormat(QStringLiteral("gb"));
    y->setNumberPrecision(3);

    // Names in the colours of their traces are the legend; the unit stands before them.
    const auto text = [this, &lane](const QString& content) {
        auto* item = new QCPItemText(this);
        item->setClipAxisRect(lane.rect);
        item->position->setAxisRect(lane.rect);
        item->position->setType(QCPItemPosition::ptAxisRectRatio);
        item->setPositionAlignment(Qt::AlignLeft | Qt::AlignTop);
        item->setText(content);
        item->setPadding(QMargins(3, 1, 3, 1));
        return item;
    };
    lane.legend = text(unit.isEmpty() ? tr("no unit") : formatUnit(unit));
    for (const int channel : channels) {
        auto* graph = new QCPGraph(x, y);
        graph->setAdaptiveSampling(false);
        lane.graphs.push_back(graph);
        lane.names.push_back(text(m_source->spec().channels[static_cast<std::size_t>(channel)].name));
    }
    m_lanes.push_back(std::move(lane));
}

void TracePlot::applyTheme()
{
    ThemedPlot::applyTheme();
    const ThemeColours& c = theme().colours();
    const QFont font = theme().theme().font(TypeSize::Caption, QFont::DemiBold);
    QColor ground = c.plot;
    ground.setAlpha(200);
    for (Lane& lane : m_lanes) {
        lane.rect->axis(QCPAxis::atBottom)->setBasePen(QPen(c.plotAxis, 1));
        lane.legend->setColor(c.muted);
        lane.legend->setFont(font);
        lane.legend->setBrush(ground);
        for (std::size_t i = 0; i < lane.graphs.size(); ++i) {
            lane.graphs[i]->setPen(theme().theme().tracePen(static_cast<int>(i)));
            lane.names[i]->setColor(theme().theme().trace(static_cast<int>(i)));
            lane.names[i]->setFont(font);
            lane.names[i]->setBrush(ground);
        }
    }
}

void TracePlot::refresh()
{
    if (m_source && !m_lanes.empty()) {
        const double rate = m_source->rate();
        const double zero = m_source->beginSeconds();
        const auto begin = static_cast<qint64>(std::floor((m_time.begin() - zero) * rate)) - 1;
        const auto end = static_cast<qint64>(std::ceil((m_time.end() - zero) * rate)) + 2;
        const int points = std::max(2, width() - kLeftMargin - kRightMargin);
        for (Lane& lane : m_lanes)
            refreshLane(lane, std::max(begin, m_source->firstRow()), std::min(end, m_source->endRow()), points);
    }
    drawCursors(); // those outside of what is shown are hidden
    replot(QCustomPlot::rpQueuedReplot);
}

void TracePlot::refreshLane(Lane& lane, qint64 begin, qint64 end, int points)
{
    const double rate = m_source->rate();
    const double zero = m_source->beginSeconds();
    double least = std::numeric_limits<double>::infinity();
    double most = -least;
    for (std::size_t i = 0; i < lane.graphs.size(); ++i) {
        QVector<QCPGraphData> drawn;
        const device::Envelope e =
            end > begin ? m_source->envelope(lane.channels[i], begin, end, points) : device::Envelope{};
        const bool single = e.rowsPerPoint == 1;
        drawn.reserve(static_cast<qsizetype>(e.least.size()) * (single ? 1 : 2));
        for (std::size_t p = 0; p < e.least.size(); ++p) {
            const double at = zero + static_cast<double>(e.firstRow + static_cast<qint64>(p) * e.rowsPerPoint) / rate;
            const double low = static_cast<double>(e.least[p]);
            const double high = static_cast<double>(e.most[p]);
            // Alternating the order joins neighbouring columns at their nearer ends.
            drawn.append(QCPGraphData(at, p % 2 == 0 ? low : high));
            if (!single)
                drawn.append(
                    QCPGraphData(at + 0.5 * static_cast<double>(e.rowsPerPoint) / rate, p % 2 == 0 ? high : low));
            if (!std::isnan(low)) {
                least = std::min(least, low);
                most = std::max(most, high);
            }
        }
        // Where every column is a stroke from least to most, smooth edges are not seen, but cost most of a frame.
        const bool isDense = !single && drawn.size() > points;
        lane.graphs[i]->setAntialiased(!isDense);
        QPen pen = theme().theme().tracePen(static_cast<int>(i));
        pen.setWidthF(isDense ? 1 : pen.widthF());
        lane.graphs[i]->setPen(pen);
        lane.graphs[i]->data()->set(drawn, true);
    }
    if (least <= most)
        scaleLane(lane, least, most);
    lane.rect->axis(QCPAxis::atBottom)->setRange(m_time.begin(), m_time.end());

    double x = 0.008;
    const double perPixel = 1.0 / std::max(1, width() - kLeftMargin - kRightMargin);
    const QFontMetrics metrics(theme().theme().font(TypeSize::Caption, QFont::DemiBold));
    const auto place = [&](QCPItemText* item) {
        item->position->setCoords(x, 0.02);
        x += (metrics.horizontalAdvance(item->text()) + theme().metrics().s + 2) * perPixel;
    };
    place(lane.legend);
    for (QCPItemText* name : lane.names)
        place(name);
}

void TracePlot::scaleLane(Lane& lane, double least, double most)
{
    if (!lane.manual) {
        const double span = std::max(most - least, std::max(1e-6, std::abs(most) * 1e-3));
        const bool fits = lane.range.lower <= least && most <= lane.range.upper;
        // Following every small change would make a live lane breathe.
        if (!fits || (1 + 2 * kHeadroom) * span < kShrinkBelow * lane.range.size())
            lane.range = QCPRange(least - kHeadroom * span, most + kHeadroom * span);
    }
    if (lane.range.size() > 0)
        lane.rect->axis(QCPAxis::atLeft)->setRange(lane.range);
}

int TracePlot::pointCount(int channel) const
{
    for (const Lane& lane : m_lanes) {
        for (std::size_t i = 0; i < lane.channels.size(); ++i) {
            if (lane.channels[i] == channel)
                return lane.graphs[i]->data()->size();
        }
    }
    return 0;
}

QCPRange TracePlot::valueRange(int lane) const
{
    return m_lanes[static_cast<std::size_t>(lane)].rect->axis(QCPAxis::atLeft)->range();
}

TracePlot::Lane* TracePlot::laneAt(const QPointF& at)
{
    for (Lane& lane : m_lanes) {
        if (at.y() >= lane.rect->top() && at.y() <= lane.rect->bottom())
            return &lane;
    }
    return nullptr;
}

double TracePlot::secondsAt(double x) const
{
    const double plotWidth = std::max(1, width() - kLeftMargin - kRightMargin);
    return m_time.begin() + (x - kLeftMargin) / plotWidth * m_time.length();
}

void TracePlot::wheelEvent(QWheelEvent* event)
{
    Q_EMIT touched();
    m_time.wheel(*event, secondsAt(event->position().x()));
    event->accept();
}

void TracePlot::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton)
        return;
    m_pressedAt = m_lastAt = event->position();
    m_dragLane = laneAt(event->position());
    m_drag = onValueAxis(event->position()) && m_dragLane ? Drag::Value : Drag::Time;
}

void TracePlot::mouseMoveEvent(QMouseEvent* event)
{
    const QPointF moved = event->position() - m_lastAt;
    if (m_drag == Drag::None) {
        setCursor(onValueAxis(event->position()) && laneAt(event->position()) ? Qt::SizeVerCursor : Qt::ArrowCursor);
        return;
    }
    if (m_drag == Drag::Value && m_dragLane) {
        m_dragLane->manual = true;
        m_dragLane->range =
            QCPRange(m_dragLane->range.center() - m_dragLane->range.size() / 2 * std::pow(1.01, moved.y()),
                     m_dragLane->range.center() + m_dragLane->range.size() / 2 * std::pow(1.01, moved.y()));
        refresh();
    } else if ((event->position() - m_pressedAt).manhattanLength() > kClickSlop) {
        Q_EMIT touched();
        m_time.pan(-moved.x() / std::max(1, width() - kLeftMargin - kRightMargin));
    }
    m_lastAt = event->position();
}

void TracePlot::mouseReleaseEvent(QMouseEvent* event)
{
    const bool wasClick = (event->position() - m_pressedAt).manhattanLength() <= kClickSlop;
    if (m_drag == Drag::Time && wasClick && !onValueAxis(event->position()))
        Q_EMIT clicked(secondsAt(event->position().x()));
    m_drag = Drag::None;
    m_dragLane = nullptr;
}

void TracePlot::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (Lane* lane = laneAt(event->position()); lane && onValueAxis(event->position())) {
        lane->manual = false;
        lane->range = QCPRange(0, 0);
        refresh();
        return;
    }
    Q_EMIT touched();
    m_time.fit();
}

void TracePlot::resizeEvent(QResizeEvent* event)
{
    ThemedPlot::resizeEvent(event);
    refresh();
}

QString TracePlot::csv() const
{
    if (!m_source)
        return {};
    QStringList head{QStringLiteral("seconds")};
    std::vector<const QCPGraph*> graphs;
    for (const Lane& lane : m_lanes) {
        for (std::size_t i = 0; i < lane.graphs.size(); ++i) {
            const signal::Channel& channel = m_source->spec().channels[static_cast<std::size_t>(lane.channels[i])];
            head << (channel.unit.isEmpty() ? channel.name : QStringLiteral("%1 (%2)").arg(channel.name, channel.unit));
            graphs.push_back(lane.graphs[i]);
        }
    }
    QString text = csvLine(head);
    const int rows = graphs.empty() ? 0 : graphs.front()->data()->size();
    for (int row = 0; row < rows; ++row) {
        QStringList fields{csvNumber(graphs.front()->data()->at(row)->key)};
        for (const QCPGraph* graph : graphs)
            fields << (row < graph->data()->size() ? csvNumber(graph->data()->at(row)->value) : QString());
        text += csvLine(fields);
    }
    return text;
}

} // namespace ember::gui
