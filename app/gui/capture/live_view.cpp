// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/capture/live_view.h"

#include "app/gui/devices/device_session.h"
#include "app/gui/plot/trace_plot.h"
#include "app/gui/shell/ui_settings.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"
#include "app/gui/widgets/format.h"

#include <QComboBox>
#include <QSplitter>

#include <algorithm>
#include <cmath>

namespace ember::gui {
namespace {

const Setting<double> kWindow{"capture/window", 10.0,
                              [](double s) { return s > 0 && s <= DeviceSession::kLiveSeconds; }};

double rateOf(const device::LiveBuffer& stream)
{
    return stream.spec().rateHz > 0 ? stream.spec().rateHz : 1.0;
}

} // namespace

LiveView::LiveView(const ThemeHub& theme, UiSettings& settings, QWidget* parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_settings(settings)
    , m_lanes(new QSplitter(Qt::Vertical))
    , m_window(new QComboBox)
    , m_follow(makeIconButton(QStringLiteral("live"), tr("Follow the newest samples, or freeze the picture (F)")))
{
    m_lanes->setChildrenCollapsible(false);
    plainLayout<QVBoxLayout>(this, 0)->addWidget(m_lanes);
    for (const int seconds : {2, 5, 10, 30, 60, 300, 600})
        m_window->addItem(seconds < 120 ? tr("%1 s").arg(seconds) : tr("%1 min").arg(seconds / 60), seconds);
    const int stored = m_window->findData(static_cast<int>(settings.get(kWindow)));
    m_window->setCurrentIndex(stored < 0 ? 2 : stored);
    m_window->setObjectName(QStringLiteral("live-window"));
    m_window->setToolTip(tr("How much of the recent past is shown while following"));
    connect(m_window, &QComboBox::activated, this, [this] {
        m_settings.set(kWindow, windowSeconds());
        setFollowing(true);
    });
    m_follow->setObjectName(QStringLiteral("follow"));
    m_follow->setCheckable(true);
    m_follow->setChecked(true);
    addPlot();
}

void LiveView::addControls(QHBoxLayout* row)
{
    row->addWidget(makeLabel(tr("Show"), "muted"));
    row->addWidget(m_window);
    row->addWidget(m_follow);
}

TracePlot* LiveView::addPlot()
{
    auto* box = new QWidget;
    auto* column = plainLayout<QVBoxLayout>(box, 0);
    auto* name = makeLabel({}, "caption");
    name->setIndent(TracePlot::kLeftMargin);
    name->hide();
    auto* plot = new TracePlot(m_time, m_theme);
    column->addWidget(name);
    column->addWidget(plot, 1);
    m_lanes->addWidget(box);
    connect(plot, &TracePlot::touched, this, [this] { setFollowing(false); });
    m_boxes.push_back(box);
    m_names.push_back(name);
    m_plots.push_back(plot);
    return plot;
}

void LiveView::setStreams(const Buffers& streams)
{
    m_streams = streams;
    while (m_plots.size() < streams.size())
        addPlot();
    while (m_plots.size() > std::max<std::size_t>(1, streams.size())) {
        delete m_boxes.back();
        m_boxes.pop_back();
        m_names.pop_back();
        m_plots.pop_back();
    }
    for (std::size_t i = 0; i < m_plots.size(); ++i) {
        m_plots[i]->setSource(
            i < streams.size()
                ? std::make_shared<LiveTraceSource>(streams[i], i == 0 ? nullptr : streams.front())
                : nullptr);
        m_plots[i]->setTimeAxisShown(i + 1 == m_plots.size());
        m_plots[i]->setBands({});
    }
    describeStreams();
    setFollowing(true);
}

/// Each stream's name and rate over its traces, where there is more than one; and as much room as it has lanes.
void LiveView::describeStreams()
{
    QList<int> sizes;
    for (std::size_t i = 0; i < m_plots.size(); ++i) {
        m_names[i]->setVisible(m_streams.size() > 1);
        sizes << 100 * std::max(1, m_plots[i]->laneCount());
        if (i >= m_streams.size())
            continue;
        const signal::StreamSpec& spec = m_streams[i]->spec();
        m_names[i]->setText(spec.rateHz > 0 ? spec.name + QStringLiteral(" · ") + formatHertz(spec.rateHz) : spec.name);
    }
    m_lanes->setSizes(sizes);
}

void LiveView::setBands(const std::vector<TraceBand>& bands)
{
    for (std::size_t i = 0; i < m_plots.size(); ++i) {
        const TraceSource* source = m_plots[i]->source();
        if (!source || i == 0) {
            m_plots[i]->setBands(bands);
            continue;
        }
        std::vector<TraceBand> own = bands;
        const auto rowOf = [&](qint64 mainRow) {
            const double seconds = static_cast<double>(mainRow) / rateOf(*m_streams.front()) - source->beginSeconds();
            return std::llround(seconds * source->rate());
        };
        for (TraceBand& band : own) {
            band.begin = rowOf(band.begin);
            band.end = rowOf(band.end);
        }
        m_plots[i]->setBands(std::move(own));
    }
}

double LiveView::windowSeconds() const
{
    return m_window->currentData().toDouble();
}

void LiveView::setFollowing(bool following)
{
    m_follow->setChecked(following);
}

bool LiveView::isFollowing() const
{
    return m_follow->isChecked();
}

void LiveView::tick()
{
    if (m_streams.empty() || !isVisible())
        return;
    followEnd();
    for (TracePlot* plot : m_plots)
        plot->refresh();
}

void LiveView::followEnd()
{
    const device::LiveBuffer& main = *m_streams.front();
    const double rate = rateOf(main);
    const double now = static_cast<double>(main.endRow()) / rate;
    const double first = std::min(static_cast<double>(main.firstRow()) / rate, now - windowSeconds());
    const QSignalBlocker quiet(m_time); // one picture a tick is enough
    m_time.setLimits(first, now, 10 / rate);
    if (isFollowing())
        m_time.setRange(now - windowSeconds(), now);
}

} // namespace ember::gui
