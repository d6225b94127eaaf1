// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/capture/live_view.h"

#include "app/gui/capture/measure_line.h"
#include "app/gui/capture/view_trigger.h"
#include "app/gui/devices/device_session.h"
#include "app/gui/plot/spectrogram_plot.h"
#include "app/gui/plot/spectrum_plot.h"
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

const Setting<QString> kViewChannel{"capture/view-channel", QString()};
const Setting<bool> kSpectrogram{"capture/spectrogram", false};
const Setting<bool> kSpectrum{"capture/spectrum", false};

constexpr int kLaneShare = 100; ///< of the height: what a lane of traces gets
constexpr int kChannelWidth = 110;
constexpr int kSpectrumTicks = 4; ///< a spectrum is for reading, so it changes less often

QToolButton* makeToggle(const char* name, const QString& iconName, const QString& tip)
{
    QToolButton* button = makeIconButton(iconName, tip);
    button->setObjectName(QLatin1String(name));
    button->setCheckable(true);
    return button;
}

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
    , m_spectrogram(new SpectrogramPlot(m_time, theme))
    , m_spectrum(new SpectrumPlot(m_time, theme))
    , m_trigger(new ViewTrigger)
    , m_measured(new MeasureLine)
    , m_channel(new QComboBox)
    , m_showSpectrogram(makeToggle("show-spectrogram", QStringLiteral("spectrogram"), tr("Spectrogram of the channel")))
    , m_showSpectrum(
          makeToggle("show-spectrum", QStringLiteral("spectrum"), tr("Spectrum of the channel, over what is in view")))
    , m_measure(makeToggle("measure", QStringLiteral("measure"), tr("Measure between two cursors (M)")))
    , m_holdAtLevel(makeToggle("hold-at-level", QStringLiteral("trigger"),
                               tr("Hold the picture where the channel crosses a level")))
    , m_window(new QComboBox)
    , m_follow(makeToggle("follow", QStringLiteral("live"), tr("Follow the newest samples, or freeze the picture (F)")))
{
    m_lanes->setChildrenCollapsible(false);
    auto* column = plainLayout<QVBoxLayout>(this, theme.metrics().xs);
    column->addWidget(m_trigger);
    column->addWidget(m_lanes, 1);
    column->addWidget(m_measured);
    m_lanes->addWidget(m_spectrogram);
    m_lanes->addWidget(m_spectrum);
    m_measured->setIndent(TracePlot::kLeftMargin);
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
    m_follow->setChecked(true);
    m_channel->setObjectName(QStringLiteral("view-channel"));
    m_channel->setFixedWidth(kChannelWidth);
    m_channel->setToolTip(tr("The channel that spectrogram, spectrum, cursors and level are of"));
    connect(m_channel, &QComboBox::activated, this, [this] {
        m_settings.set(kViewChannel, m_channel->currentText());
        followChannel();
    });
    connect(m_spectrogram, &SpectrogramPlot::touched, this, [this] { setFollowing(false); });
    m_showSpectrogram->setChecked(settings.get(kSpectrogram));
    m_showSpectrum->setChecked(settings.get(kSpectrum));
    for (QToolButton* tool : {m_showSpectrogram, m_showSpectrum, m_measure, m_holdAtLevel})
        connect(tool, &QToolButton::toggled, this, &LiveView::followTools);
    addPlot();
    followTools();
}

void LiveView::addControls(QHBoxLayout* row)
{
    row->addWidget(m_channel);
    for (QToolButton* tool : {m_showSpectrogram, m_showSpectrum, m_measure, m_holdAtLevel})
        row->addWidget(tool);
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
    m_lanes->insertWidget(static_cast<int>(m_boxes.size()), box);
    connect(plot, &TracePlot::clicked, this, &LiveView::clicked);
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
        m_plots[i]->setSource(i < streams.size()
                                  ? std::make_shared<LiveTraceSource>(streams[i], i == 0 ? nullptr : streams.front())
                                  : nullptr);
        m_plots[i]->setTimeAxisShown(i + 1 == m_plots.size());
        m_plots[i]->setBands({});
    }
    m_measured->clear();
    offerChannels();
    describeStreams();
    setFollowing(true);
}

/// The channels of all streams; keeps the choice where a channel of that name is there.
void LiveView::offerChannels()
{
    m_offered.clear();
    m_channel->clear();
    for (std::size_t i = 0; i < m_streams.size(); ++i) {
        const signal::StreamSpec& spec = m_streams[i]->spec();
        for (std::size_t c = 0; c < spec.channels.size(); ++c) {
            const QString& name = spec.channels[c].name;
            m_channel->addItem(m_streams.size() > 1 ? spec.name + QStringLiteral(" · ") + name : name);
            m_offered.emplace_back(i, static_cast<int>(c));
        }
    }
    m_channel->setCurrentIndex(std::max(0, m_channel->findText(m_settings.get(kViewChannel))));
    followChannel();
}

TraceSource* LiveView::source() const
{
    const auto index = static_cast<std::size_t>(m_channel->currentIndex());
    return index < m_offered.size() ? m_plots[m_offered[index].first]->source() : nullptr;
}

int LiveView::channel() const
{
    const auto index = static_cast<std::size_t>(m_channel->currentIndex());
    return index < m_offered.size() ? m_offered[index].second : 0;
}

void LiveView::followChannel()
{
    const auto index = static_cast<std::size_t>(m_channel->currentIndex());
    const bool any = index < m_offered.size();
    // A source of their own: they read other rows of it than the traces do.
    const auto own = [&]() -> std::shared_ptr<TraceSource> {
        if (!any)
            return nullptr;
        const std::size_t stream = m_offered[index].first;
        return std::make_shared<LiveTraceSource>(m_streams[stream], stream == 0 ? nullptr : m_streams.front());
    };
    m_spectrogram->setChannel(own(), channel());
    m_spectrum->setChannel(own(), channel());
    m_trigger->watch(any ? m_streams[m_offered[index].first] : nullptr, channel());
    showMeasured();
}

/// Shows what is switched on.
void LiveView::followTools()
{
    m_settings.set(kSpectrogram, m_showSpectrogram->isChecked());
    m_settings.set(kSpectrum, m_showSpectrum->isChecked());
    m_spectrogram->setVisible(m_showSpectrogram->isChecked());
    m_spectrum->setVisible(m_showSpectrum->isChecked());
    m_measured->setVisible(m_measure->isChecked());
    if (m_trigger->isVisibleTo(this) != m_holdAtLevel->isChecked()) {
        m_trigger->setVisible(m_holdAtLevel->isChecked());
        followChannel(); // from now on, not from when it was last looked at
    }
    if (!m_measure->isChecked())
        m_measured->clear();
    showMeasured();
    describeStreams();
}

void LiveView::toggleMeasuring()
{
    m_measure->toggle();
}

/// What is measured stands still.
void LiveView::clicked(double seconds)
{
    if (!m_measure->isChecked())
        return;
    setFollowing(false);
    m_measured->click(seconds);
    showMeasured();
}

void LiveView::showMeasured()
{
    for (TracePlot* plot : m_plots)
        plot->setCursors(m_measured->cursors());
    m_measured->describe(source(), channel());
}

/// Each stream's name and rate over its traces, where there is more than one; and as much room as it has lanes.
void LiveView::describeStreams()
{
    QList<int> sizes;
    for (std::size_t i = 0; i < m_plots.size(); ++i) {
        m_names[i]->setVisible(m_streams.size() > 1);
        sizes << kLaneShare * std::max(1, m_plots[i]->laneCount());
        if (i >= m_streams.size())
            continue;
        const signal::StreamSpec& spec = m_streams[i]->spec();
        m_names[i]->setText(spec.rateHz > 0 ? spec.name + QStringLiteral(" · ") + formatHertz(spec.rateHz) : spec.name);
    }
    sizes << kLaneShare << kLaneShare;
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
    m_spectrogram->refresh();
    if (m_spectrum->isVisible() && m_ticks++ % kSpectrumTicks == 0)
        m_spectrum->refresh();
}

void LiveView::followEnd()
{
    const device::LiveBuffer& main = *m_streams.front();
    const double rate = rateOf(main);
    const double now = static_cast<double>(main.endRow()) / rate;
    const double first = std::min(static_cast<double>(main.firstRow()) / rate, now - windowSeconds());
    const QSignalBlocker quiet(m_time); // one picture a tick is enough
    m_time.setLimits(first, now, 10 / rate);
    if (!isFollowing())
        return;
    double end = now;
    if (m_holdAtLevel->isChecked() && source()) {
        const TraceSource& watched = *source();
        const auto length = static_cast<qint64>(std::ceil(windowSeconds() * watched.rate()));
        if (const auto row = m_trigger->hold(length)) {
            const double crossing = watched.beginSeconds() + static_cast<double>(*row) / watched.rate();
            end = crossing + windowSeconds() * (1 - ViewTrigger::kBefore);
        }
    }
    m_time.setRange(end - windowSeconds(), end);
}

} // namespace ember::gui
