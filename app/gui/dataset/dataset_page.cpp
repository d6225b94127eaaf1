// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/dataset/dataset_page.h"

#include "app/gui/capture/label_buttons.h"
#include "app/gui/dataset/label_assist.h"
#include "app/gui/dataset/label_keyboard.h"
#include "app/gui/dataset/recording_inspector.h"
#include "app/gui/dataset/recording_list.h"
#include "app/gui/dataset/recording_model.h"
#include "app/gui/dataset/timeline.h"
#include "app/gui/dataset/versions_dialog.h"
#include "app/gui/plot/trace_plot.h"
#include "app/gui/shell/action_registry.h"
#include "app/gui/shell/job_queue.h"
#include "app/gui/shell/navigator.h"
#include "app/gui/shell/project_session.h"
#include "app/gui/shell/toast_host.h"
#include "app/gui/shell/ui_settings.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"
#include "app/gui/widgets/empty_state.h"
#include "app/gui/widgets/key_line.h"
#include "app/gui/widgets/notice.h"
#include "core/base/quantity.h"

#include <QCheckBox>
#include <QFileDialog>
#include <QLineEdit>
#include <QShortcut>
#include <QSplitter>
#include <QTableView>

#include <cmath>

namespace ember::gui {
namespace {

constexpr int kTableWidth = 400;
constexpr int kLabelDigits = 9;
constexpr int kAssistHeight = 240;
constexpr double kRowsMargin = 1.0; ///< lengths of what is shown, before and after it

QString importSummary(const dataset::ImportReport& report)
{
    return DatasetPage::tr("%1: %2 rows, %3 labels (%4)")
        .arg(QFileInfo(report.file).fileName(), formatCount(report.rows), formatCount(report.segments), report.format);
}

} // namespace

DatasetPage::DatasetPage(AppContext& context)
    : Page(QStringLiteral("dataset"), tr("Dataset"), QStringLiteral("dataset"), context)
    , m_list(new RecordingList(context))
    , m_timeline(new Timeline(context.theme))
    , m_keyboard(new LabelKeyboard(*m_timeline, this))
    , m_assist(new LabelAssist(context, *m_timeline))
    , m_inspector(new RecordingInspector(context.theme))
    , m_empty(new EmptyState(QStringLiteral("dataset"), tr("No recordings yet"),
                             tr("Recordings with their labels are listed here, each over time with its traces.")))
{
    buildActions();
    buildParts();
    registerKeys();

    LabelLanes& lanes = m_timeline->lanes();
    connect(&lanes, &LabelLanes::selectionChanged, this, &DatasetPage::refreshInspector);
    connect(&lanes, &LabelLanes::segmentDrawn, this, &DatasetPage::onSegmentDrawn);
    connect(&lanes, &LabelLanes::segmentChanged, this,
            [this](const dataset::Segment& s) { apply(dataset::Edit(dataset::ChangeSegment{s})); });
    connect(m_keyboard, &LabelKeyboard::editWanted, this, &DatasetPage::apply);
    connect(&m_timeline->plot(), &TracePlot::clicked, this,
            [this](double seconds) { m_keyboard->setCursor(std::llround(seconds * m_timeline->rate())); });
    connect(m_assist, &LabelAssist::editWanted, this, &DatasetPage::apply);
    connect(m_assist, &LabelAssist::rowsWanted, this, &DatasetPage::showSuggested);
    connect(m_assist, &LabelAssist::problem, this, [this](const Error& error) { notice().showError(error); });
    connect(m_inspector, &RecordingInspector::editWanted, this, &DatasetPage::apply);
    connect(m_inspector, &RecordingInspector::removeSegmentClicked, this, &DatasetPage::removeSelected);
    connect(&m_inspector->labels(), &LabelButtons::chosenChanged, this, &DatasetPage::onLabelChosen);
    connect(&m_inspector->labels(), &LabelButtons::labelWanted, this, [this](const QString& name) {
        const auto made = this->context().project.project().labels().ensureLabel(
            QString::fromLatin1(dataset::kDefaultLabelSet), name);
        if (!made) {
            notice().showError(made.error());
            return;
        }
        this->context().project.announceChange();
        m_inspector->labels().choose(name);
    });
    connect(&context.navigator, &Navigator::recordingRequested, this, [this](qint64 id) {
        this->context().navigator.go(this->id());
        selectRecording(id);
    });
    connect(&context.navigator, &Navigator::rowsRequested, this, [this](qint64 id, qint64 begin, qint64 end) {
        this->context().navigator.go(this->id());
        showRows(id, begin, end);
    });
    connect(&context.navigator, &Navigator::importRequested, this, &DatasetPage::importFiles);
    connect(&context.project, &ProjectSession::projectChanged, this, [this] {
        m_assist->setOpen(false);
        m_timeline->clear();
        m_keyboard->reset();
    });
}

void DatasetPage::buildActions()
{
    m_import = context().actions.add(this, tr("Dataset"), tr("Import…"), QStringLiteral("import"),
                                     QKeySequence(Qt::CTRL | Qt::Key_I), [this] { askForFiles(); });
    addAction(m_import);
    setMainAction(m_import);
    m_help = context().actions.add(this, tr("Dataset"), tr("Find and suggest"), QStringLiteral("label"),
                                   QKeySequence(Qt::CTRL | Qt::Key_L), [this] {
                                       context().navigator.go(id());
                                       m_assist->setOpen(!m_assist->isOpen());
                                   });
    addAction(m_help);
    m_versions = context().actions.add(this, tr("Dataset"), tr("Versions"), QStringLiteral("compare"), {},
                                       [this] { showVersions(); });
    m_emulated = new QAction(tr("Record from the emulated board, no hardware needed"), this);
    connect(m_emulated, &QAction::triggered, this, [this] {
        context().navigator.startBoard({});
        context().navigator.go(QStringLiteral("capture"));
    });
    context().actions.addProvider([this] {
        std::vector<PaletteEntry> entries;
        const RecordingModel& model = m_list->model();
        for (int row = 0; row < model.rowCount(); ++row) {
            const dataset::Recording* recording = model.at(row);
            entries.push_back(
                {recording->name, tr("Recording"), {}, QStringLiteral("capture"), [this, id = recording->id.value] {
                     context().navigator.showRecording(id);
                 }});
        }
        return entries;
    });
}

void DatasetPage::buildParts()
{
    const ThemeMetrics& metrics = context().theme.metrics();
    auto* frame = makeFrame("panel");
    auto* inside = plainLayout<QVBoxLayout>(frame, metrics.s, metrics.s);
    inside->addWidget(m_timeline, 1);
    inside->addWidget(new KeyLine(keys(), TracePlot::kLeftMargin, metrics.xs));
    auto* split = new QSplitter(Qt::Horizontal);
    split->setHandleWidth(metrics.s);
    split->setChildrenCollapsible(false);
    split->addWidget(m_list);
    split->addWidget(frame);
    split->setStretchFactor(1, 1);
    split->setSizes({kTableWidth, 2 * kTableWidth});
    split->restoreState(context().settings.layout(QStringLiteral("dataset/split")));
    connect(split, &QSplitter::splitterMoved, this,
            [this, split] { context().settings.setLayout(QStringLiteral("dataset/split"), split->saveState()); });
    setContent(split);
    setInspector(m_inspector);
    setSecondary(m_assist, kAssistHeight);
    m_empty->setMainAction(m_import);
    m_empty->setLink(m_emulated);
    setEmptyState(m_empty);
    setNeedsProject();
    filters()->addStretch(1);
    for (QAction* action : {m_help, m_versions}) {
        auto* button = makeButton(action->text());
        connect(button, &QPushButton::clicked, action, &QAction::trigger);
        filters()->addWidget(button);
    }
    filters()->addWidget(m_list->trashBox());
    filters()->addWidget(m_list->filterField());
    connect(m_list, &RecordingList::currentChanged, this, &DatasetPage::onCurrentChanged);
    connect(m_list->trashBox(), &QCheckBox::toggled, this, &DatasetPage::contentChanged);
    connect(m_list, &RecordingList::editWanted, this, &DatasetPage::apply);
    connect(m_list, &RecordingList::problem, this, [this](const Error& error) { notice().showError(error); });
}

void DatasetPage::showVersions()
{
    if (!context().project.isOpen())
        return;
    auto* dialog = new VersionsDialog(context(), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

void DatasetPage::registerKeys()
{
    const auto onKey = [this](const QKeySequence& keys, std::function<void()> run) {
        auto* shortcut = new QShortcut(keys, this);
        shortcut->setContext(Qt::WidgetWithChildrenShortcut);
        connect(shortcut, &QShortcut::activated, this, std::move(run));
    };
    using Step = LabelKeyboard::Step;
    for (int digit = 1; digit <= kLabelDigits; ++digit)
        onKey(static_cast<Qt::Key>(Qt::Key_0 + digit), [this, digit] { onDigit(digit); });
    onKey(QKeySequence::Delete, [this] { removeSelected(); });
    onKey(Qt::Key_F, [this] { m_timeline->time().fit(); });
    onKey(QKeySequence(Qt::CTRL | Qt::Key_F), [this] { m_list->filterField()->setFocus(); });
    for (const int direction : {-1, 1}) {
        const auto arrow = [direction](Qt::KeyboardModifiers with) {
            return QKeySequence(QKeyCombination(with, direction < 0 ? Qt::Key_Left : Qt::Key_Right));
        };
        onKey(arrow(Qt::NoModifier), [this, direction] { m_keyboard->move(direction, Step::View); });
        onKey(arrow(Qt::ShiftModifier), [this, direction] { m_keyboard->move(direction, Step::Row); });
        onKey(arrow(Qt::ControlModifier), [this, direction] { m_keyboard->move(direction, Step::Edge); });
        onKey(arrow(Qt::AltModifier), [this, direction] { tell(m_keyboard->nudge(direction)); });
        onKey(direction < 0 ? Qt::Key_Home : Qt::Key_End,
              [this, direction] { m_keyboard->move(direction, Step::End); });
        const Qt::KeyboardModifiers back = direction < 0 ? Qt::ShiftModifier : Qt::NoModifier;
        const auto letter = [back](Qt::Key key) { return QKeySequence(QKeyCombination(back, key)); };
        onKey(letter(Qt::Key_N),
              [this, direction] { jump(m_keyboard->jumpToUnlabelled(direction), tr("unlabelled stretch")); });
        onKey(letter(Qt::Key_L), [this, direction] { jump(m_keyboard->jumpToLabel(direction), tr("label")); });
        onKey(letter(Qt::Key_G), [this, direction] { jump(m_keyboard->jumpToGap(direction), tr("gap")); });
    }
    onKey(Qt::Key_S, [this] { tell(m_keyboard->split()); });
    onKey(Qt::Key_M, [this] { tell(m_keyboard->mergeWithNext()); });
    onKey(Qt::Key_BracketLeft, [this] { tell(m_keyboard->setEdge(true)); });
    onKey(Qt::Key_BracketRight, [this] { tell(m_keyboard->setEdge(false)); });
    onKey(Qt::Key_Escape, [this] {
        if (!m_keyboard->cancel())
            m_timeline->lanes().select({});
    });
    onKey(Qt::Key_Y, [this] { m_assist->acceptCurrent(); });
    onKey(Qt::Key_X, [this] { m_assist->rejectCurrent(); });
    onKey(Qt::Key_Comma, [this] { m_assist->step(-1); });
    onKey(Qt::Key_Period, [this] { m_assist->step(1); });
    onKey(Qt::Key_T, [this] { focusTimeline(); });
}

/// The table would take the arrows for itself.
void DatasetPage::focusTimeline()
{
    m_timeline->lanes().setFocus();
    if (!m_keyboard->cursor())
        m_keyboard->setCursor(0);
}

void DatasetPage::onDigit(int digit)
{
    const bool relabels = m_timeline->lanes().selected().has_value();
    m_inspector->labels().chooseNumber(digit);
    if (!relabels && digit <= m_inspector->labels().count() && m_assist->acceptCurrent(m_inspector->labels().chosen()))
        return;
    if (relabels || digit > m_inspector->labels().count())
        return;
    const auto label = context().project.project().labels().ensureLabel(QString::fromLatin1(dataset::kDefaultLabelSet),
                                                                        m_inspector->labels().chosen());
    if (label)
        m_keyboard->labelKey(label->id);
}

void DatasetPage::jump(bool found, const QString& what)
{
    if (!found)
        context().toasts.show(tr("No further %1").arg(what));
}

void DatasetPage::tell(const Status& done)
{
    if (!done)
        notice().show("warn", done.error().message, done.error().hint);
}

QList<KeyHint> DatasetPage::keys() const
{
    return {
        {tr("1…9"), tr("begin, end")},
        {tr("← →"), tr("cursor")},
        {tr("N"), tr("next unlabelled")},
        {tr("Del"), tr("remove")},
        {tr("F"), tr("fit")},
        {tr("T"), tr("arrows for the timeline")},
        {tr("L"), tr("next label")},
        {tr("G"), tr("next gap")},
        {tr("[ ]"), tr("edge to the cursor")},
        {tr("S"), tr("split")},
        {tr("M"), tr("merge with the next")},
        {tr("Shift+← →"), tr("by a sample")},
        {tr("Ctrl+← →"), tr("by an edge")},
        {tr("Alt+← →"), tr("move the label by a sample")},
        {tr("Shift+N L G"), tr("backwards")},
        {tr("Ctrl+L"), tr("find stretches, suggest labels")},
        {tr("Y X"), tr("accept, reject a proposal")},
        {tr(", ."), tr("step through proposals")},
    };
}

dataset::RecordingId DatasetPage::currentId() const
{
    const auto recording = m_list->current();
    return recording ? recording->id : dataset::RecordingId{};
}

void DatasetPage::selectRecording(qint64 id)
{
    contentChanged(); // it may be newer than what is listed
    m_list->select(dataset::RecordingId{id});
}

void DatasetPage::showRows(qint64 recording, qint64 begin, qint64 end)
{
    selectRecording(recording);
    if (m_timeline->recordingId() != dataset::RecordingId{recording})
        return;
    const double rate = m_timeline->rate();
    const double margin = kRowsMargin * static_cast<double>(end - begin) / rate;
    m_timeline->time().setRange(static_cast<double>(begin) / rate - margin, static_cast<double>(end) / rate + margin);
    m_keyboard->setCursor(begin);
    m_timeline->lanes().setFocus();
}

/// As showRows(), but the cursor and what has the focus stay: the user is going through a list.
void DatasetPage::showSuggested(qint64 recording, qint64 begin, qint64 end)
{
    if (m_timeline->recordingId() != dataset::RecordingId{recording})
        selectRecording(recording);
    const double from = static_cast<double>(begin) / m_timeline->rate();
    const double to = static_cast<double>(end) / m_timeline->rate();
    const bool inView = from >= m_timeline->time().begin() && to <= m_timeline->time().end();
    if (!inView)
        m_timeline->time().setRange(from - kRowsMargin * (to - from), to + kRowsMargin * (to - from));
}

void DatasetPage::contentChanged()
{
    m_list->load();
    showEmpty(m_list->model().rowCount() == 0 && !m_list->showsTrash());
    m_import->setEnabled(context().project.isWritable());
    if (!context().project.isOpen())
        return;
    m_timeline->refresh(context().project.project());
    m_assist->refresh();
    refreshInspector();
}

void DatasetPage::onCurrentChanged()
{
    if (!context().project.isOpen())
        return;
    const dataset::RecordingId id = currentId();
    if (!id.isValid())
        m_timeline->clear();
    else if (id != m_timeline->recordingId()) {
        m_keyboard->reset();
        m_timeline->plot().setCommandLine(
            QStringLiteral("emberlab info --json --project '%1'").arg(context().project.path()));
        if (const Status shown = m_timeline->show(context().project.project(), id); !shown)
            notice().showError(shown.error());
        m_assist->refresh();
    }
    refreshInspector();
}

void DatasetPage::refreshInspector()
{
    m_refreshing = true;
    const std::optional<dataset::Recording> recording = m_list->current();
    const auto segment = m_timeline->lanes().selected();
    std::vector<dataset::Label> labels;
    if (context().project.isOpen()) {
        if (const auto set =
                context().project.project().labels().findSet(QString::fromLatin1(dataset::kDefaultLabelSet)))
            labels = context().project.project().labels().labels(set->id).value_or(std::vector<dataset::Label>{});
    }
    m_inspector->showRecording(recording, context().project.isWritable());
    m_inspector->showSegment(segment, recording && recording->stream.rateHz > 0 ? recording->stream.rateHz : 1.0);
    m_inspector->showLabels(labels, segment);
    m_refreshing = false;
}

void DatasetPage::onSegmentDrawn(dataset::LabelSetId, qint64 begin, qint64 end)
{
    const QString name = m_inspector->labels().chosen();
    if (name.isEmpty()) {
        notice().show("warn", tr("Choose the label first: type its digit, or make one at the right."));
        return;
    }
    const auto label =
        context().project.project().labels().ensureLabel(QString::fromLatin1(dataset::kDefaultLabelSet), name);
    if (!label) {
        notice().showError(label.error());
        return;
    }
    apply(dataset::Edit(dataset::AddSegment{{{}, currentId(), label->id, begin, end}}));
}

void DatasetPage::onLabelChosen(const QString& name)
{
    // With a label selected, choosing another one changes it; without, it is for the next stretch.
    const auto segment = m_timeline->lanes().selected();
    if (m_refreshing || !segment || name.isEmpty())
        return;
    const auto label =
        context().project.project().labels().ensureLabel(QString::fromLatin1(dataset::kDefaultLabelSet), name);
    if (!label || label->id == segment->label)
        return;
    dataset::Segment changed = *segment;
    changed.label = label->id;
    apply(dataset::Edit(dataset::ChangeSegment{changed}));
}

void DatasetPage::removeSelected()
{
    if (const auto segment = m_timeline->lanes().selected()) {
        apply(dataset::Edit(dataset::RemoveSegment{segment->id}));
        return;
    }
    if (m_list->table().hasFocus())
        m_list->discardChosen();
}

void DatasetPage::apply(const dataset::Edit& edit)
{
    notice().clear();
    if (const Status done = context().project.edit(edit); !done)
        notice().showError(done.error());
}

void DatasetPage::askForFiles()
{
    auto* dialog = new QFileDialog(
        this, tr("Import recordings"), {},
        tr("Recordings (*.csv *.tsv *.txt *.npy *.wav *.flac *.json *.cbor *.dai *.dcli *.data);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFiles);
    connect(dialog, &QFileDialog::filesSelected, this, &DatasetPage::importFiles);
    dialog->open();
}

void DatasetPage::importFiles(const QStringList& files)
{
    if (!context().project.isWritable()) {
        notice().show("warn", tr("Recordings are kept in a project, and none that can be written is open."));
        return;
    }
    context().navigator.go(id());
    using Outcome = workflow::ImportFilesOutcome;
    context().jobs.run<Outcome>(
        files.size() == 1 ? tr("Import %1").arg(QFileInfo(files.front()).fileName())
                          : tr("Import %1 files").arg(files.size()),
        [files, path = context().project.path()](const JobContext& job) -> Result<Outcome> {
            EMBER_TRY(Outcome outcome, workflow::importFiles(path, files, {}, {job.progress, job.cancel}));
            for (const dataset::ImportReport& one : outcome.imported) {
                job.log(importSummary(one));
                for (const QString& warning : one.warnings)
                    job.log(warning);
            }
            for (const workflow::SkippedFile& skipped : outcome.skipped)
                job.log(DatasetPage::tr("%1 was skipped: %2").arg(skipped.file, skipped.why.toString()));
            return outcome;
        },
        this, [this](const Result<Outcome>& done) { showImported(done); });
}

void DatasetPage::showImported(const Result<workflow::ImportFilesOutcome>& done)
{
    context().project.announceChange();
    if (!done) {
        notice().showError(done.error(), tr("Files before it were imported."));
        return;
    }
    qint64 recordings = 0;
    for (const dataset::ImportReport& one : done->imported)
        recordings += static_cast<qint64>(one.recordings.size());
    context().toasts.show(tr("Imported %1 recordings").arg(formatCount(recordings)));
    if (done->skipped.empty())
        return;
    const workflow::SkippedFile& first = done->skipped.front();
    notice().show("warn",
                  tr("%1 of %2 files could not be read.")
                      .arg(done->skipped.size())
                      .arg(done->skipped.size() + done->imported.size()),
                  tr("The first is %1: %2").arg(QFileInfo(first.file).fileName(), first.why.message));
}

} // namespace ember::gui
