// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/plot/spectrum_plot.h"

#include "app/gui/plot/time_view.h"
#include "app/gui/plot/trace_plot.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/format.h"

#include <algorithm>
#include <cmath>

namespace ember::gui {
namespace {

constexpr int kLeastPoints = 16;
constexpr int kMostPoints = 4096;
constexpr int kMostSegments = 16; ///< of the newest rows in view; bounds the time of a picture
constexpr double kShownDb = 80;
constexpr double kHeadroomDb = 6;
constexpr double kStepDb = 10; ///< the axis moves in steps, or it would tremble
constexpr int kLowest = 80;    ///< pixels

} // namespace

SpectrumPlot::SpectrumPlot(TimeView& time, const ThemeHub& theme, QWidget* parent)
    : ThemedPlot(theme, parent)
    , m_time(time)
    , m_legend(new QCPItemText(this))
{
    setObjectName(QStringLiteral("spectrum"));
    setExportName(QStringLiteral("spectrum"));
    setWhatsThis(tr("Which frequencies a channel has in the stretch of time that is in view, in decibels over one unit "
                    "squared."));
    axisRect()->setAutoMargins(QCP::msNone);
    axisRect()->setMargins(QMargins(TracePlot::kLeftMargin, 2, TracePlot::kRightMargin, 24));
    addGraph();
    graph(0)->setAdaptiveSampling(true);
    xAxis->setNumberFormat(QStringLiteral("gb"));
    yAxis->ticker()->setTickCount(4);
    m_legend->position->setType(QCPItemPosition::ptAxisRectRatio);
    m_legend->position->setCoords(0.992, 0.03);
    m_legend->setPositionAlignment(Qt::AlignRight | Qt::AlignTop);
    m_legend->setPadding(QMargins(3, 1, 3, 1));
    setMinimumHeight(kLowest);
    SpectrumPlot::applyTheme();
}

void SpectrumPlot::applyTheme()
{
    ThemedPlot::applyTheme();
    const QPen pen = theme().theme().tracePen(m_channel);
    graph(0)->setPen(pen);
    m_legend->setFont(theme().theme().font(TypeSize::Caption, QFont::DemiBold));
    m_legend->setColor(theme().colours().muted);
    QColor ground = theme().colours().plot;
    ground.setAlpha(200);
    m_legend->setBrush(ground);
}

void SpectrumPlot::setChannel(std::shared_ptr<TraceSource> source, int channel)
{
    m_source = std::move(source);
    m_channel = channel;
    m_spectrum.reset();
    m_top = features::kLeastLevelDb;
    applyTheme();
    refresh();
}

/// The mean of the segments in view; false when there is none.
bool SpectrumPlot::average()
{
    if (!m_source || m_source->spec().rateHz <= 0)
        return false;
    const double rate = m_source->rate();
    const auto rowAt = [&](double seconds) { return std::llround((seconds - m_source->beginSeconds()) * rate); };
    const qint64 end = std::min<qint64>(rowAt(m_time.end()), m_source->endRow());
    const qint64 begin = std::max<qint64>(rowAt(m_time.begin()), m_source->firstRow());
    // So long that at least three segments are averaged, where there are rows for it.
    int points = kLeastPoints;
    while (points < kMostPoints && points * 4 <= end - begin)
        points *= 2;
    if (!m_spectrum || m_spectrum->points() != points)
        m_spectrum.emplace(points);
    m_power.assign(static_cast<std::size_t>(m_spectrum->bins()), 0.0);
    int segments = 0;
    for (qint64 from = end - points; from >= begin && segments < kMostSegments; from -= points / 2) {
        const device::Envelope rows = m_source->envelope(m_channel, from, from + points, points);
        const bool whole = static_cast<int>(rows.least.size()) == points &&
                           std::none_of(rows.least.begin(), rows.least.end(), [](float v) { return std::isnan(v); });
        if (!whole)
            continue;
        const std::vector<float>& power = m_spectrum->of(rows.least.data());
        for (std::size_t k = 0; k < m_power.size(); ++k)
            m_power[k] += static_cast<double>(power[k]);
        ++segments;
    }
    for (double& power : m_power)
        power /= std::max(1, segments);
    return segments > 0;
}

void SpectrumPlot::findPeak()
{
    const auto highest = std::max_element(m_power.begin() + 1, m_power.end());
    if (!(*highest > 0))
        return;
    const auto k = static_cast<std::size_t>(highest - m_power.begin());
    const auto level = [this](std::size_t bin) {
        return static_cast<double>(features::levelDb(static_cast<float>(m_power[bin])));
    };
    double between = 0;
    if (k > 1 && k + 1 < m_power.size()) {
        const double bend = level(k - 1) - 2 * level(k) + level(k + 1);
        between = bend < 0 ? 0.5 * (level(k - 1) - level(k + 1)) / bend : 0;
    }
    m_peak = Peak{(static_cast<double>(k) + between) * m_source->rate() / m_spectrum->points(), level(k)};
}

void SpectrumPlot::refresh()
{
    m_peak.reset();
    if (!average()) {
        graph(0)->data()->clear();
        m_legend->setText(tr("A spectrum needs a rate and %1 rows without a gap").arg(kLeastPoints));
        replot(QCustomPlot::rpQueuedReplot);
        return;
    }
    findPeak();
    const double binHz = m_source->rate() / m_spectrum->points();
    QVector<QCPGraphData> drawn;
    for (std::size_t k = 1; k < m_power.size(); ++k)
        drawn.append(QCPGraphData(static_cast<double>(k) * binHz,
                                  static_cast<double>(features::levelDb(static_cast<float>(m_power[k])))));
    graph(0)->data()->set(drawn, true);
    xAxis->setRange(0, m_source->rate() / 2);
    const double wanted = m_peak ? m_peak->levelDb + kHeadroomDb : 0;
    if (wanted > m_top || wanted < m_top - 2 * kStepDb)
        m_top = kStepDb * std::ceil(wanted / kStepDb);
    yAxis->setRange(m_top - kShownDb, m_top);
    const QString name = m_source->spec().channels[static_cast<std::size_t>(m_channel)].name;
    m_legend->setText(m_peak ? tr("%1 · peak %2 Hz, %3 dB · steps of %4")
                                   .arg(name, QString::number(m_peak->hertz, 'g', 4),
                                        QString::number(m_peak->levelDb, 'f', 1), formatHertz(binHz))
                             : name);
    replot(QCustomPlot::rpQueuedReplot);
}

QString SpectrumPlot::csv() const
{
    QString text = csvLine({QStringLiteral("Hz"), QStringLiteral("power")});
    if (!m_source || !m_spectrum)
        return text;
    for (std::size_t k = 0; k < m_power.size(); ++k)
        text += csvLine({QString::number(static_cast<double>(k) * m_source->rate() / m_spectrum->points(), 'g', 9),
                         QString::number(m_power[k], 'g', 9)});
    return text;
}

} // namespace ember::gui
