// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/dataset/further_lanes.h"

#include "app/gui/dataset/beside_dialog.h"
#include "app/gui/plot/spectrogram_plot.h"
#include "app/gui/plot/time_view.h"
#include "app/gui/plot/trace_plot.h"
#include "app/gui/plot/track_strip.h"
#include "app/gui/shell/job_queue.h"
#include "app/gui/shell/project_session.h"
#include "app/gui/shell/ui_settings.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/train/feature_choice.h"
#include "app/gui/widgets/build.h"
#include "core/workflow/feature_track.h"

#include <QInputDialog>
#include <QMenu>

#include <algorithm>
#include <limits>

namespace ember::gui {
namespace {

constexpr int kPlotHeight = 76; ///< least, of a spectrogram or of what was recorded at the same time
constexpr qsizetype kMostTracks = 4;

const Setting<QString> kSpectrogramOf{"dataset/spectrogram", QString()};
const Setting<QStringList> kFeatures{"dataset/feature-lanes", {}};

QString offsetText(double seconds)
{
    const QString amount = QString::number(std::abs(seconds), 'f', 3);
    return seconds < 0 ? FurtherLanes::tr("begins %1 s earlier").arg(amount)
                       : FurtherLanes::tr("begins %1 s later").arg(amount);
}

TrackStrip::Track trackOf(const workflow::FeatureTrack& found, double rate)
{
    TrackStrip::Track shown;
    shown.name = found.name;
    shown.detail = FurtherLanes::tr("of windows of %1 s, each at its middle").arg(found.windowSeconds, 0, 'g', 3);
    for (const workflow::FeatureTrack::Piece& piece : found.pieces) {
        const double step = static_cast<double>(piece.hopRows) / rate;
        // A value is drawn around its window's middle.
        shown.pieces.push_back({static_cast<double>(piece.firstRow) / rate - step / 2, step, piece.values});
    }
    return shown;
}

} // namespace

/// A recording made at the same time: its name over its traces.
struct FurtherLanes::Companion
{
    dataset::Companion about;
    std::unique_ptr<QWidget> widget;
    TracePlot* plot = nullptr;
};

/// A feature over time.
struct FurtherLanes::Track
{
    QString feature;
    std::unique_ptr<TrackStrip> strip;
    JobId job = 0; ///< that computes it
};

FurtherLanes::FurtherLanes(AppContext& context, TimeView& time, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
    , m_time(time)
    , m_column(plainLayout<QVBoxLayout>(this, context.theme.metrics().xs))
    , m_spectrogram(new SpectrogramPlot(time, context.theme))
{
    m_spectrogram->setFillsByItself(true);
    m_spectrogram->setMinimumHeight(kPlotHeight);
    m_spectrogram->setVisible(false);
    m_column->addWidget(m_spectrogram, 1);
    setVisible(false);
}

FurtherLanes::~FurtherLanes() = default;

void FurtherLanes::show(std::shared_ptr<RecordingTraceSource> source)
{
    m_source = std::move(source);
    ++m_request;
    showSpectrogram();
    showTracks();
    m_companions.clear();
    showCompanions();
}

void FurtherLanes::refresh()
{
    showCompanions();
}

void FurtherLanes::setCursor(std::optional<double> seconds)
{
    m_cursor = seconds;
    for (const std::unique_ptr<Companion>& companion : m_companions)
        companion->plot->setCursors(m_cursor ? std::vector{*m_cursor} : std::vector<double>{});
}

void FurtherLanes::adaptSize()
{
    const bool hasAny = m_source && (m_spectrogram->isVisibleTo(this) || !m_tracks.empty() || !m_companions.empty());
    setVisible(hasAny);
}

void FurtherLanes::setSpectrogramOf(const QString& channel)
{
    m_context.settings.set(kSpectrogramOf, channel);
    showSpectrogram();
}

void FurtherLanes::showSpectrogram()
{
    int channel = -1;
    const QString wanted = m_context.settings.get(kSpectrogramOf);
    if (m_source && !wanted.isEmpty() && m_source->spec().rateHz > 0) {
        const auto& channels = m_source->spec().channels;
        const auto at = std::find_if(channels.begin(), channels.end(),
                                     [&wanted](const signal::Channel& one) { return one.name == wanted; });
        channel = at == channels.end() ? -1 : static_cast<int>(at - channels.begin());
    }
    m_spectrogram->setVisible(channel >= 0);
    adaptSize();
    m_spectrogram->setChannel(channel >= 0 ? m_source : nullptr, channel);
}

void FurtherLanes::setFeatureShown(const QString& feature, bool shown)
{
    QStringList wanted = m_context.settings.get(kFeatures);
    wanted.removeAll(feature);
    if (shown)
        wanted << feature;
    // The oldest gives way: more lanes than this leave no room for the traces.
    while (wanted.size() > kMostTracks)
        wanted.removeFirst();
    m_context.settings.set(kFeatures, wanted);
    ++m_request;
    showTracks();
}

/// Nobody waits for what they are still computed for.
void FurtherLanes::dropTracks()
{
    for (const std::unique_ptr<Track>& track : m_tracks)
        m_context.jobs.cancel(track->job);
    m_tracks.clear();
}

void FurtherLanes::showTracks()
{
    dropTracks();
    const QStringList wanted = m_context.settings.get(kFeatures);
    if (m_source && !wanted.isEmpty() && m_context.project.isOpen()) {
        const auto names = workflow::featureNamesFor(m_context.project.project(), m_source->recording().id,
                                                     FeatureChoice::remembered(m_context.settings));
        for (const QString& feature : wanted) {
            if (!names || !names->contains(feature))
                continue;
            auto track = std::make_unique<Track>();
            track->feature = feature;
            track->strip = std::make_unique<TrackStrip>(m_time, m_context.theme);
            track->strip->setObjectName(QStringLiteral("feature-lane"));
            m_column->insertWidget(1 + static_cast<int>(m_tracks.size()), track->strip.get());
            computeTrack(*track);
            m_tracks.push_back(std::move(track));
        }
    }
    adaptSize();
}

void FurtherLanes::computeTrack(Track& track)
{
    using Found = workflow::FeatureTrack;
    track.job = m_context.jobs.runQuietly<Found>(
        [path = m_context.project.path(), recording = m_source->recording().id, feature = track.feature,
         request = FeatureChoice::remembered(m_context.settings)](const JobContext& job) -> Result<Found> {
            EMBER_TRY(const dataset::Project project, dataset::Project::open(path, dataset::Project::Access::ReadOnly));
            return workflow::featureTrack(project, recording, request, feature, {job.progress, job.cancel});
        },
        track.strip.get(),
        [this, request = m_request, strip = track.strip.get(), feature = track.feature](const Result<Found>& done) {
            if (request != m_request)
                return;
            if (done)
                strip->setTrack(trackOf(*done, m_source->rate()));
            else if (done.error().kind == ErrorKind::Usage) // of this recording: a notice would come with each of them
                strip->setTrack(TrackStrip::Track{feature, done.error().hint, {}, {}, done.error().message});
            else if (done.error().kind != ErrorKind::Cancelled)
                Q_EMIT problem(done.error());
        });
}

void FurtherLanes::setCompanionShown(dataset::RecordingId id, bool shown)
{
    std::erase(m_hidden, id);
    if (!shown)
        m_hidden.push_back(id);
    showCompanions();
}

/// Keeps the plots of those that are as they were.
void FurtherLanes::showCompanions()
{
    std::vector<dataset::Companion> wanted;
    if (m_source && m_context.project.isOpen()) {
        wanted = dataset::recordedTogether(m_context.project.project(), m_source->recording().id)
                     .value_or(std::vector<dataset::Companion>{});
        std::erase_if(wanted, [this](const dataset::Companion& one) {
            return one.recording.rowCount == 0 ||
                   std::find(m_hidden.begin(), m_hidden.end(), one.recording.id) != m_hidden.end();
        });
    }
    const bool isSame = std::equal(wanted.begin(), wanted.end(), m_companions.begin(), m_companions.end(),
                                   [](const dataset::Companion& one, const std::unique_ptr<Companion>& shown) {
                                       return one.recording.id == shown->about.recording.id &&
                                              one.recording.endRow == shown->about.recording.endRow &&
                                              one.recording.name == shown->about.recording.name &&
                                              one.beginsAfter == shown->about.beginsAfter;
                                   });
    if (isSame) {
        adaptSize();
        return;
    }
    m_companions.clear();
    for (const dataset::Companion& one : wanted) {
        auto source = RecordingTraceSource::open(m_context.project.project(), one.recording.id, one.beginsAfter);
        if (!source)
            continue;
        auto companion = std::make_unique<Companion>();
        companion->about = one;
        companion->widget = std::make_unique<QWidget>();
        companion->widget->setObjectName(QStringLiteral("companion-%1").arg(one.recording.id.value));
        auto* column = plainLayout<QVBoxLayout>(companion->widget.get(), 0);
        auto* title = makeLabel(tr("%1 · %2").arg(one.recording.name, offsetText(one.beginsAfter)), "caption");
        title->setIndent(TracePlot::kLeftMargin);
        companion->plot = new TracePlot(m_time, m_context.theme);
        companion->plot->setExportName(one.recording.name);
        companion->plot->setMinimumHeight(kPlotHeight);
        companion->plot->setTimeAxisShown(false);
        companion->plot->setSource(*source);
        companion->plot->setCursors(m_cursor ? std::vector{*m_cursor} : std::vector<double>{});
        connect(companion->plot, &TracePlot::clicked, this, &FurtherLanes::clicked);
        column->addWidget(title);
        column->addWidget(companion->plot, 1);
        m_column->addWidget(companion->widget.get(), 1);
        m_companions.push_back(std::move(companion));
    }
    adaptSize();
}

void FurtherLanes::fillMenu(QMenu& menu)
{
    auto* spectrogram = menu.addMenu(tr("Spectrogram"));
    spectrogram->setEnabled(m_source && m_source->spec().rateHz > 0);
    const QString shown = m_spectrogram->isVisibleTo(this) ? m_context.settings.get(kSpectrogramOf) : QString();
    const auto add = [&](const QString& text, const QString& channel) {
        QAction* action = spectrogram->addAction(text, this, [this, channel] { setSpectrogramOf(channel); });
        action->setCheckable(true);
        action->setChecked(channel == shown);
    };
    add(tr("None"), {});
    if (m_source) {
        for (const signal::Channel& channel : m_source->spec().channels)
            add(channel.name, channel.name);
    }
    auto* features = menu.addMenu(tr("Features"));
    connect(features, &QMenu::aboutToShow, this, [this, features] { fillFeatureMenu(*features); });
    features->setEnabled(m_source != nullptr);
    auto* companions = menu.addMenu(tr("Recorded at the same time"));
    fillCompanionMenu(*companions);
    companions->setEnabled(m_source != nullptr);
}

/// Filled when it is looked at: for it the pipeline is made.
void FurtherLanes::fillFeatureMenu(QMenu& menu)
{
    menu.clear();
    if (!m_source) // it went while the menu was open
        return;
    const auto names = workflow::featureNamesFor(m_context.project.project(), m_source->recording().id,
                                                 FeatureChoice::remembered(m_context.settings));
    if (!names) {
        menu.addAction(names.error().message)->setEnabled(false);
        return;
    }
    const QStringList wanted = m_context.settings.get(kFeatures);
    for (const QString& name : *names) {
        QAction* action = menu.addAction(name);
        action->setCheckable(true);
        action->setChecked(wanted.contains(name));
        connect(action, &QAction::triggered, this, [this, name](bool on) { setFeatureShown(name, on); });
    }
}

void FurtherLanes::fillCompanionMenu(QMenu& menu)
{
    std::vector<dataset::Companion> all;
    if (m_source && m_context.project.isOpen())
        all = dataset::recordedTogether(m_context.project.project(), m_source->recording().id)
                  .value_or(std::vector<dataset::Companion>{});
    for (const dataset::Companion& one : all) {
        auto* own = menu.addMenu(one.recording.name);
        QAction* show = own->addAction(tr("Show"));
        show->setCheckable(true);
        show->setChecked(std::find(m_hidden.begin(), m_hidden.end(), one.recording.id) == m_hidden.end());
        connect(show, &QAction::triggered, this, [this, id = one.recording.id](bool on) { setCompanionShown(id, on); });
        own->addAction(tr("Change when it begins…"), this, [this, one] { askForOffset(one); })
            ->setEnabled(m_context.project.isWritable());
    }
    if (!all.empty())
        menu.addSeparator();
    menu.addAction(tr("Add a sound or another file…"), this, &FurtherLanes::askForFiles)
        ->setEnabled(m_context.project.isWritable());
}

/// Moves the other recording against this one; what it was linked with before does not matter.
void FurtherLanes::askForOffset(const dataset::Companion& companion)
{
    if (!m_source) // it went while the menu was open
        return;
    auto* dialog = new QInputDialog(this);
    dialog->setObjectName(QStringLiteral("begins-after"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(companion.recording.name);
    dialog->setLabelText(tr("Seconds from the beginning of '%1' to that of '%2'; less than 0 is before")
                             .arg(m_source->recording().name, companion.recording.name));
    dialog->setInputMode(QInputDialog::DoubleInput);
    dialog->setDoubleRange(-dataset::kMostOffsetSeconds, dataset::kMostOffsetSeconds);
    dialog->setDoubleDecimals(4);
    dialog->setDoubleValue(companion.beginsAfter);
    connect(dialog, &QInputDialog::doubleValueSelected, this,
            [this, companion, shown = m_source->recording().id](double seconds) {
                const auto edit = dataset::lineUp(m_context.project.project(), shown, companion.recording.id, seconds);
                if (edit)
                    Q_EMIT editWanted(*edit);
                else
                    Q_EMIT problem(edit.error());
            });
    dialog->open();
}

void FurtherLanes::askForFiles()
{
    if (!m_source) // it went while the menu was open
        return;
    auto* dialog = new BesideDialog(m_source->recording().name, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &BesideDialog::chosen, this, &FurtherLanes::filesBesideWanted);
    dialog->open();
}

} // namespace ember::gui
