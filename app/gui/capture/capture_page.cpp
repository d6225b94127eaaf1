// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/capture/capture_page.h"

#include "app/gui/capture/label_buttons.h"
#include "app/gui/capture/live_view.h"
#include "app/gui/capture/stream_choice.h"
#include "app/gui/capture/take_form.h"
#include "app/gui/capture/take_strip.h"
#include "app/gui/devices/device_session.h"
#include "app/gui/shell/action_registry.h"
#include "app/gui/shell/navigator.h"
#include "app/gui/shell/project_session.h"
#include "app/gui/shell/toast_host.h"
#include "app/gui/shell/ui_settings.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/balance_bar.h"
#include "app/gui/widgets/build.h"
#include "app/gui/widgets/empty_state.h"
#include "app/gui/widgets/facts.h"
#include "app/gui/widgets/notice.h"
#include "core/base/quantity.h"
#include "core/workflow/record.h"

#include <QSet>
#include <QShortcut>

#include <algorithm>

namespace ember::gui {
namespace {

constexpr int kFrameMs = 33; ///< about 30 pictures a second
constexpr int kStripHeight = 130;
constexpr std::size_t kTakesShown = 24;
constexpr int kDigits = 9;
constexpr int kMostSteps = 8; ///< from a recording to the one that its take hangs on

const Setting<QString> kLabel{"capture/label", QString()};

/// Whether it is of a further stream of a board, which is not more of its class.
bool isFurtherStream(const dataset::Recording& recording)
{
    return recording.metadata.value(QLatin1String(dataset::kRecordedWith)).toInteger() > 0;
}

/// The recordings that everything recorded at the same time hangs on, by recording: the first board's main stream.
QHash<qint64, qint64> takesOf(const std::vector<dataset::Recording>& recordings)
{
    QHash<qint64, qint64> parents;
    for (const dataset::Recording& recording : recordings) {
        const QJsonObject& metadata = recording.metadata;
        const qint64 board = metadata.value(QLatin1String(dataset::kRecordedBeside)).toInteger(recording.id.value);
        parents.insert(recording.id.value, metadata.value(QLatin1String(dataset::kRecordedWith)).toInteger(board));
    }
    QHash<qint64, qint64> takes;
    for (const dataset::Recording& recording : recordings) {
        qint64 root = recording.id.value;
        // A stream of a board of a take: two steps. Metadata can be edited, and may go round in a circle.
        for (int steps = 0; steps < kMostSteps && parents.value(root, root) != root; ++steps)
            root = parents.value(root);
        takes.insert(recording.id.value, root);
    }
    return takes;
}

} // namespace

CapturePage::CapturePage(AppContext& context)
    : Page(QStringLiteral("capture"), tr("Capture"), QStringLiteral("capture"), context)
    , m_recorder(context)
    , m_sequence(context, m_recorder)
    , m_view(new LiveView(context.theme, context.settings))
    , m_labels(new LabelButtons(context.theme))
    , m_form(new TakeForm(context.settings))
    , m_balance(new BalanceBar(context.theme))
    , m_strip(new TakeStrip(context.theme))
    , m_empty(new EmptyState(QStringLiteral("capture"), {}, {}))
{
    buildActions();
    filters()->addWidget(new StreamChoice(context.devices));
    filters()->addStretch(1);
    m_view->addControls(filters());
    auto* frame = makeFrame("panel");
    plainLayout<QVBoxLayout>(frame, 0, context.theme.metrics().s)->addWidget(m_view);
    setContent(frame);
    setInspector(buildInspector());
    setSecondary(m_strip, kStripHeight);
    buildEmptyStates();
    registerKeys();

    m_frame.setInterval(kFrameMs);
    connect(&m_frame, &QTimer::timeout, this, &CapturePage::tick);
    connect(&context.devices, &DeviceSession::changed, this, &CapturePage::followDevice);
    connect(&context.devices, &DeviceSession::streamStarted, this, [this] {
        m_view->setStreams(this->context().devices.streams());
        if (const auto live = this->context().devices.live())
            m_form->setStream(live->spec());
        followDevice();
    });
    connect(&m_recorder, &TakeRecorder::changed, this, &CapturePage::refreshRecordAction);
    connect(&m_sequence, &TakeSequence::changed, this, &CapturePage::refreshRecordAction);
    connect(&m_sequence, &TakeSequence::failed, this, [this](const Error& error) { notice().showError(error); });
    connect(&m_recorder, &TakeRecorder::saved, this, &CapturePage::onSaved);
    connect(&m_recorder, &TakeRecorder::failed, this, [this](const Error& error) { notice().showError(error); });
    connect(m_strip, &TakeStrip::takeClicked, &context.navigator, &Navigator::showRecording);
    connect(&context.project, &ProjectSession::projectChanged, this, &CapturePage::followDevice);
    followDevice();
}

void CapturePage::buildActions()
{
    m_record = context().actions.add(this, tr("Capture"), tr("Record"), QStringLiteral("record"), {},
                                     [this] { toggleRecording(); });
    m_discard = context().actions.add(this, tr("Capture"), tr("Discard the last take"), QStringLiteral("trash"), {},
                                      [this] { discardLast(); });
    setMainAction(m_record);
}

QWidget* CapturePage::buildInspector()
{
    m_labels->choose(context().settings.get(kLabel));
    connect(m_labels, &LabelButtons::chosenChanged, this, &CapturePage::chooseLabel);
    connect(m_labels, &LabelButtons::labelWanted, this, &CapturePage::addLabel);

    auto* inspector = new Inspector(tr("Next take"));
    inspector->addSection(tr("Label"), m_labels);
    inspector->addSection(tr("Take"), m_form);
    inspector->addSection(tr("Balance"), m_balance);
    inspector->addStretch();
    return inspector;
}

void CapturePage::buildEmptyStates()
{
    m_begin = new QAction(tr("Choose a board"), this);
    connect(m_begin, &QAction::triggered, this, [this] { context().navigator.go(QStringLiteral("devices")); });
    m_demo = new QAction(tr("Start the emulated board, no hardware needed"), this);
    connect(m_demo, &QAction::triggered, this, [this] { context().navigator.startBoard({}); });
    m_empty->setMainAction(m_begin);
    m_empty->setLink(m_demo);
    setEmptyState(m_empty);
}

void CapturePage::registerKeys()
{
    const auto onKey = [this](const QKeySequence& keys, std::function<void()> run) {
        auto* shortcut = new QShortcut(keys, this);
        shortcut->setContext(Qt::WidgetWithChildrenShortcut);
        connect(shortcut, &QShortcut::activated, this, std::move(run));
    };
    onKey(Qt::Key_Space, [this] { m_record->trigger(); });
    onKey(Qt::Key_Backspace, [this] { m_discard->trigger(); });
    onKey(Qt::Key_M, [this] { m_view->toggleMeasuring(); });
    onKey(Qt::Key_F, [this] { m_view->setFollowing(!m_view->isFollowing()); });
    for (int digit = 1; digit <= kDigits; ++digit)
        onKey(static_cast<Qt::Key>(Qt::Key_0 + digit), [this, digit] { m_labels->chooseNumber(digit); });
    onKey(Qt::Key_0, [this] { m_labels->choose({}); });
    setFocusPolicy(Qt::StrongFocus);
}

QList<KeyHint> CapturePage::keys() const
{
    return {
        {tr("Space"), tr("Start or end a take")},
        {tr("1 … 9"), tr("Label of the next take, or of the running one from here on")},
        {tr("0"), tr("No label")},
        {tr("Backspace"), tr("Discard the last take")},
        {tr("M"), tr("Measure between two cursors")},
        {tr("F"), tr("Freeze the picture, or follow the newest samples again")},
    };
}

void CapturePage::activated()
{
    m_frame.start();
    setFocus();
}

void CapturePage::deactivated()
{
    m_frame.stop();
}

void CapturePage::followDevice()
{
    using State = DeviceSession::State;
    const DeviceSession& devices = context().devices;
    const bool waiting = devices.state() == State::Starting || devices.state() == State::Connecting;
    if (waiting)
        m_empty->setText(tr("%1 is starting").arg(devices.boardName()), tr("Traces appear with its first samples."));
    else
        m_empty->setText(tr("No board is streaming"),
                         tr("Traces of the connected board appear here; record them in takes, each with its label."));
    m_begin->setVisible(!waiting);
    m_demo->setVisible(!waiting);
    showEmpty(!devices.live());
    showDeviceNotice();
    refreshRecordAction();
}

void CapturePage::showDeviceNotice()
{
    using State = DeviceSession::State;
    const DeviceSession& devices = context().devices;
    const bool writable = context().project.isWritable();
    if (!notice().isNews(QStringLiteral("%1 %2 %3 %4 %5")
                             .arg(devices.boardName(), devices.stateText(), devices.error().message)
                             .arg(m_recorder.isRecording())
                             .arg(writable)))
        return;
    if (devices.state() == State::LinkLost) {
        const QString kept = m_recorder.isRecording()
                                 ? tr("The take goes on when the board is back; the rows until now are in the project.")
                                 : tr("Everything recorded is in the project.");
        notice().show("bad",
                      tr("%1 was unplugged. It is connected again as soon as it is back.").arg(devices.boardName()),
                      kept, devices.error().toString());
    } else if (devices.state() == State::Failed) {
        notice().showError(devices.error(), tr("Everything recorded is in the project."));
        offerRestart();
    } else if (devices.isStreaming() && !writable) {
        notice().show("warn", tr("Takes are kept in a project, and none is open."));
        notice().setAction(tr("New project…"), [this] { context().navigator.newProject(); });
    } else {
        notice().clear();
    }
}

void CapturePage::offerRestart()
{
    const DeviceSession& devices = context().devices;
    if (devices.isEmulated() && !devices.isStreaming())
        notice().setAction(tr("Start again"), [this, id = devices.boardId()] { context().navigator.startBoard(id); });
}

void CapturePage::tick()
{
    const auto live = context().devices.live();
    if (!live)
        return;
    if (m_recorder.isRecording())
        showMarks(live->endRow());
    if (m_sequence.isRunning())
        refreshRecordAction();
    m_view->tick();
}

/// The running take over the traces: red as far as it has no label, in the label's colour where it has one.
void CapturePage::showMarks(qint64 endRow)
{
    const std::vector<TakeMark>& marks = m_recorder.marks();
    std::vector<TraceBand> bands;
    for (std::size_t i = 0; i < marks.size(); ++i) {
        const qint64 end = i + 1 < marks.size() ? marks[i + 1].row : endRow;
        const auto colour = m_labelColours.constFind(marks[i].label);
        bands.push_back({marks[i].row, end,
                         colour == m_labelColours.constEnd() ? context().theme.colours().bad
                                                             : context().theme.theme().classColour(*colour),
                         false});
    }
    m_view->setBands(bands);
}

void CapturePage::chooseLabel(const QString& label)
{
    context().settings.set(kLabel, label);
    m_recorder.mark(label);
}

void CapturePage::toggleRecording()
{
    if (m_sequence.isRunning()) {
        m_sequence.end();
        return;
    }
    TakeSettings settings = m_form->take();
    settings.label = m_labels->chosen();
    if (const Status started = m_sequence.begin(settings, m_form->plan()); !started)
        notice().showError(started.error());
}

void CapturePage::refreshRecordAction()
{
    const bool running = m_sequence.isRunning();
    const QString text = running ? m_sequence.text() : tr("Record");
    if (m_record->text() != text)
        m_record->setText(text);
    m_record->setToolTip(running ? tr("End the take, and what would follow it (Space)") : tr("Begin a take (Space)"));
    m_record->setEnabled(running || (context().devices.isStreaming() && context().project.isWritable()));
    m_record->setIcon(icon(running ? QStringLiteral("stop") : QStringLiteral("record"), IconTone::OnAccent));
    if (!m_recorder.isRecording())
        m_view->setBands({});
}

void CapturePage::onSaved(const SavedTake& take)
{
    QString what = take.label.isEmpty() ? tr("a take") : QStringLiteral("'%1'").arg(take.label);
    if (take.labels > 1)
        what += tr(" and %1 more").arg(take.labels - 1);
    if (take.streams > 1)
        what += tr(" in %1 streams").arg(take.streams);
    m_form->clearNotes();
    context().toasts.show(
        tr("Recorded %1 of %2, %3").arg(formatSeconds(take.seconds), what, signal::lossText(take.ledger)));
    if (!take.endedBy)
        return;
    notice().showError(*take.endedBy, tr("%1 of the take are in the project.").arg(formatSeconds(take.seconds)));
    offerRestart();
}

void CapturePage::discardLast()
{
    if (!context().project.isWritable() || m_recorder.isRecording())
        return;
    m_sequence.end(); // one that is no good is looked at before the next begins
    const auto recordings = context().project.project().recordings().list();
    if (!recordings || recordings->empty())
        return;
    // A take of several streams or boards goes as a whole.
    const QHash<qint64, qint64> takes = takesOf(*recordings);
    const qint64 take = takes.value(recordings->back().id.value);
    dataset::EditMacro discard{tr("Discard %1").arg(recordings->back().name), {}};
    for (const dataset::Recording& recording : *recordings) {
        if (takes.value(recording.id.value) == take)
            discard.edits.emplace_back(dataset::TrashRecording{recording.id, true});
    }
    const QString what = discard.edits.size() > 1 ? tr("Discarded a take of %1 streams").arg(discard.edits.size())
                                                  : tr("Discarded %1").arg(recordings->back().name);
    const dataset::Edit edit = discard.edits.size() > 1 ? dataset::Edit(discard) : discard.edits.front();
    if (const Status done = context().project.edit(edit); !done) {
        notice().showError(done.error());
        return;
    }
    context().toasts.show(what, tr("Undo"), [this] { context().project.undoStack().undo(); });
}

void CapturePage::addLabel(const QString& name)
{
    if (!context().project.isWritable()) {
        notice().show("warn", tr("Labels are kept in a project, and none is open."));
        notice().setAction(tr("New project…"), [this] { context().navigator.newProject(); });
        return;
    }
    const auto made =
        context().project.project().labels().ensureLabel(QString::fromLatin1(dataset::kDefaultLabelSet), name);
    if (!made) {
        notice().showError(made.error());
        return;
    }
    context().project.announceChange();
    m_labels->choose(made->name);
    setFocus(); // the next key is meant for the page
}

void CapturePage::contentChanged()
{
    refreshTakes();
    refreshBalance();
    refreshRecordAction();
    m_discard->setEnabled(m_strip->count() > 0 && context().project.isWritable());
}

void CapturePage::refreshTakes()
{
    if (!context().project.isOpen()) {
        m_strip->setTakes(nullptr, {});
        return;
    }
    const dataset::Project& project = context().project.project();
    const auto recordings = project.recordings().list().value_or(std::vector<dataset::Recording>{});
    const auto labels = project.labels().labels().value_or(std::vector<dataset::Label>{});
    std::vector<TakeSummary> takes;
    for (auto recording = recordings.rbegin(); recording != recordings.rend() && takes.size() < kTakesShown;
         ++recording) {
        TakeSummary take{*recording, {}, -1};
        const auto segments = project.labels().segments(recording->id).value_or(std::vector<dataset::Segment>{});
        if (!segments.empty()) {
            const auto label = std::find_if(labels.begin(), labels.end(),
                                            [&](const dataset::Label& l) { return l.id == segments.front().label; });
            if (label != labels.end()) {
                take.label = label->name;
                take.colour = label->colour;
            }
            QSet<qint64> different;
            for (const dataset::Segment& segment : segments)
                different.insert(segment.label.value);
            if (different.size() > 1)
                take.label += tr(" +%1").arg(different.size() - 1);
        }
        takes.push_back(take);
    }
    m_strip->setTakes(&project, takes);
}

void CapturePage::refreshBalance()
{
    std::vector<dataset::Label> labels;
    std::vector<ClassAmount> amounts;
    if (context().project.isOpen()) {
        const dataset::Project& project = context().project.project();
        if (const auto set = project.labels().findSet(QString::fromLatin1(dataset::kDefaultLabelSet)))
            labels = project.labels().labels(set->id).value_or(std::vector<dataset::Label>{});
        QHash<qint64, double> rates;
        for (const dataset::Recording& r : project.recordings().list().value_or(std::vector<dataset::Recording>{})) {
            // A second stream of a take is not more of its class.
            if (!isFurtherStream(r))
                rates.insert(r.id.value, r.stream.rateHz);
        }
        QHash<qint64, double> seconds;
        for (const dataset::Segment& s : project.labels().segments().value_or(std::vector<dataset::Segment>{})) {
            const double rate = rates.value(s.recording.value);
            seconds[s.label.value] += rate > 0 ? static_cast<double>(s.end - s.begin) / rate : 0.0;
        }
        for (const dataset::Label& label : labels) {
            const double amount = seconds.value(label.id.value);
            amounts.push_back({label.name, label.colour, amount, formatSeconds(amount)});
        }
    }
    m_labelColours.clear();
    for (const dataset::Label& label : labels)
        m_labelColours.insert(label.name, label.colour);
    m_labels->setLabels(labels);
    m_balance->setAmounts(std::move(amounts));
}

} // namespace ember::gui
