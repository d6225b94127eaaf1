// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/plot/spectrogram_plot.h"

#include "app/gui/plot/time_view.h"
#include "app/gui/plot/trace_plot.h"
#include "app/gui/theme/theme_hub.h"

#include <QTimer>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace ember::gui {
namespace {

constexpr int kLeastSegment = 64;
constexpr int kMostSegment = 1024;
constexpr double kSegmentSeconds = 0.125; ///< about the shortest change that is told from noise by eye
constexpr int kMostBands = 128;
constexpr int kPixelsPerColumn = 2;
constexpr int kColumnsPerRefresh = 100; ///< bounds the time of a picture
constexpr double kRangeDb = 60;
constexpr double kFallDb = 0.1; ///< by which the range follows a signal that becomes less, each refresh
constexpr int kLeastHeight = 60;

int segmentFor(double rateHz)
{
    int points = kLeastSegment;
    while (points < kMostSegment && points < rateHz * kSegmentSeconds)
        points *= 2;
    return points;
}

} // namespace

SpectrogramPlot::SpectrogramPlot(TimeView& time, const ThemeHub& theme, QWidget* parent)
    : ThemedPlot(theme, parent)
    , m_time(time)
    , m_map(new QCPColorMap(xAxis, yAxis))
    , m_legend(new QCPItemText(this))
{
    setObjectName(QStringLiteral("spectrogram"));
    setExportName(QStringLiteral("spectrogram"));
    setWhatsThis(
        tr("Which frequencies a channel has, and when: brighter is more. The colours span 60 decibels down from "
           "the highest level of late."));
    axisRect()->setAutoMargins(QCP::msNone);
    axisRect()->setMargins(QMargins(TracePlot::kLeftMargin, 2, TracePlot::kRightMargin, 4));
    xAxis->setTickLabels(false);
    xAxis->setTicks(false);
    yAxis->ticker()->setTickCount(4);
    yAxis->setNumberFormat(QStringLiteral("gb"));
    m_map->setInterpolate(false);
    m_map->setTightBoundary(false);
    m_legend->position->setType(QCPItemPosition::ptAxisRectRatio);
    m_legend->position->setCoords(0.008, 0.03);
    m_legend->setPositionAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_legend->setPadding(QMargins(3, 1, 3, 1));
    setMinimumHeight(kLeastHeight);
    connect(&time, &TimeView::changed, this, &SpectrogramPlot::refresh);
    SpectrogramPlot::applyTheme();
}

void SpectrogramPlot::applyTheme()
{
    ThemedPlot::applyTheme();
    QCPColorGradient gradient;
    const QList<QColor>& heat = theme().theme().heat();
    QMap<double, QColor> stops;
    for (qsizetype i = 0; i < heat.size(); ++i)
        stops.insert(static_cast<double>(i) / static_cast<double>(heat.size() - 1), heat[i]);
    gradient.setColorStops(stops);
    gradient.setNanHandling(QCPColorGradient::nhTransparent);
    m_map->setGradient(gradient);
    m_legend->setFont(theme().theme().font(TypeSize::Caption, QFont::DemiBold));
    m_legend->setColor(theme().colours().muted);
    QColor ground = theme().colours().plot;
    ground.setAlpha(200);
    m_legend->setBrush(ground);
}

void SpectrogramPlot::setChannel(std::shared_ptr<TraceSource> source, int channel)
{
    m_source = std::move(source);
    m_channel = channel;
    m_columns.clear();
    m_hasTop = false;
    m_spectrum.reset();
    const bool drawable = m_source && m_source->spec().rateHz > 0 && channel >= 0 &&
                          channel < static_cast<int>(m_source->spec().channels.size());
    if (drawable) {
        m_spectrum.emplace(segmentFor(m_source->rate()));
        m_pool = std::max(1, m_spectrum->points() / 2 / kMostBands);
        m_bands = m_spectrum->points() / 2 / m_pool;
        const QString& name = m_source->spec().channels[static_cast<std::size_t>(channel)].name;
        m_legend->setText(m_source->endRow() < m_spectrum->points()
                              ? tr("%1 · Hz: fewer than the %2 rows of a column").arg(name).arg(m_spectrum->points())
                              : tr("%1 · Hz").arg(name));
        yAxis->setRange(0, m_source->rate() / 2);
    } else {
        m_legend->setText(tr("A spectrogram needs a stream with a rate"));
        m_map->data()->clear();
    }
    refresh();
}

/// A column's segment lies around the middle of its step.
qint64 SpectrogramPlot::firstRowOf(qint64 column) const
{
    return column * m_step + m_step / 2 - m_spectrum->points() / 2;
}

qint64 SpectrogramPlot::columnAt(double seconds) const
{
    return static_cast<qint64>(
        std::floor((seconds - m_source->beginSeconds()) * m_source->rate() / static_cast<double>(m_step)));
}

void SpectrogramPlot::chooseStep(qint64 visibleRows)
{
    const int width = std::max(1, axisRect()->width() / kPixelsPerColumn);
    qint64 step = std::max(1, m_spectrum->points() / 16);
    while (visibleRows / step > width)
        step *= 2;
    if (step == m_step)
        return;
    m_step = step;
    m_columns.clear();
}

void SpectrogramPlot::refresh()
{
    if (m_spectrum && isVisible()) {
        chooseStep(static_cast<qint64>(m_time.length() * m_source->rate()));
        const qint64 first = columnAt(m_time.begin());
        const qint64 last = columnAt(m_time.end());
        forgetOutside(first, last);
        const bool isWhole = computeColumns(first, last);
        drawColumns(first, last);
        if (m_fills && !isWhole)
            QTimer::singleShot(0, this, &SpectrogramPlot::refresh);
        xAxis->setRange(m_time.begin(), m_time.end());
    }
    replot(QCustomPlot::rpQueuedReplot);
}

void SpectrogramPlot::forgetOutside(qint64 first, qint64 last)
{
    std::erase_if(m_columns, [first, last](const auto& entry) { return entry.first < first || entry.first > last; });
}

/// False when some are left for the next refresh.
bool SpectrogramPlot::computeColumns(qint64 first, qint64 last)
{
    int left = kColumnsPerRefresh;
    for (qint64 column = last; column >= first; --column) {
        const qint64 begin = firstRowOf(column);
        if (begin + m_spectrum->points() > m_source->endRow() || m_columns.contains(column))
            continue;
        if (begin < m_source->firstRow())
            return true;
        if (left-- == 0)
            return false;
        m_columns.emplace(column, compute(column));
    }
    return true;
}

SpectrogramPlot::Column SpectrogramPlot::compute(qint64 column)
{
    const qint64 begin = firstRowOf(column);
    const qint64 points = m_spectrum->points();
    const device::Envelope rows = m_source->envelope(m_channel, begin, begin + points, static_cast<int>(points));
    const bool whole = static_cast<qint64>(rows.least.size()) == points &&
                       std::none_of(rows.least.begin(), rows.least.end(), [](float v) { return std::isnan(v); });
    if (!whole)
        return {};
    const std::vector<float>& power = m_spectrum->of(rows.least.data());
    Column levels(static_cast<std::size_t>(m_bands));
    for (int band = 0; band < m_bands; ++band) {
        const auto from = power.begin() + 1 + band * m_pool; // without the mean
        levels[static_cast<std::size_t>(band)] = features::levelDb(*std::max_element(from, from + m_pool));
    }
    return levels;
}

void SpectrogramPlot::drawColumns(qint64 first, qint64 last)
{
    const auto count = static_cast<int>(last - first + 1);
    QCPColorMapData& cells = *m_map->data();
    if (cells.keySize() != count || cells.valueSize() != m_bands)
        cells.setSize(count, m_bands);
    const double stepSeconds = static_cast<double>(m_step) / m_source->rate();
    const double begin = m_source->beginSeconds() + (static_cast<double>(first) + 0.5) * stepSeconds;
    const double binHz = m_source->rate() / m_spectrum->points();
    const double lowest = binHz * (1 + (m_pool - 1) / 2.0);
    cells.setRange(QCPRange(begin, begin + (count - 1) * stepSeconds),
                   QCPRange(lowest, lowest + (m_bands - 1) * m_pool * binHz));
    double highest = features::kLeastLevelDb;
    for (int i = 0; i < count; ++i) {
        const auto found = m_columns.find(first + i);
        const bool isThere = found != m_columns.end() && !found->second.empty();
        for (int band = 0; band < m_bands; ++band) {
            const double level = isThere ? static_cast<double>(found->second[static_cast<std::size_t>(band)]) : qQNaN();
            cells.setCell(i, band, level);
            if (isThere)
                highest = std::max(highest, level);
        }
    }
    m_top = m_hasTop ? std::max(highest, m_top - kFallDb) : highest;
    m_hasTop = m_hasTop || highest > features::kLeastLevelDb;
    m_map->setDataRange(QCPRange(m_top - kRangeDb, m_top));
}

std::optional<float> SpectrogramPlot::levelAt(double seconds, double hertz) const
{
    if (!m_spectrum)
        return {};
    const auto found = m_columns.find(columnAt(seconds));
    const double bandHz = m_source->rate() / m_spectrum->points() * m_pool;
    const auto band = static_cast<qint64>(std::floor((hertz - bandHz / m_pool / 2) / bandHz));
    if (found == m_columns.end() || band < 0 || band >= static_cast<qint64>(found->second.size()))
        return {};
    return found->second[static_cast<std::size_t>(band)];
}

void SpectrogramPlot::wheelEvent(QWheelEvent* event)
{
    Q_EMIT touched();
    m_time.wheel(*event, xAxis->pixelToCoord(event->position().x()));
    event->accept();
}

QString SpectrogramPlot::csv() const
{
    if (!m_spectrum)
        return {};
    const double binHz = m_source->rate() / m_spectrum->points();
    QStringList head{QStringLiteral("seconds")};
    for (int band = 0; band < m_bands; ++band)
        head << QStringLiteral("%1 Hz (dB)").arg(binHz * (1 + band * m_pool + (m_pool - 1) / 2.0));
    QString text = csvLine(head);
    for (qint64 column = columnAt(m_time.begin()); column <= columnAt(m_time.end()); ++column) {
        const auto found = m_columns.find(column);
        if (found == m_columns.end() || found->second.empty())
            continue;
        const double at = m_source->beginSeconds() +
                          (static_cast<double>(column) + 0.5) * static_cast<double>(m_step) / m_source->rate();
        QStringList fields{QString::number(at, 'g', 9)};
        for (const float level : found->second)
            fields << QString::number(static_cast<double>(level), 'f', 1);
        text += csvLine(fields);
    }
    return text;
}

} // namespace ember::gui
