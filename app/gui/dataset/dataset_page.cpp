// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/dataset/dataset_page.h"

#include "app/gui/capture/label_buttons.h"
#include "app/gui/dataset/change_finder.h"
#include "app/gui/dataset/further_lanes.h"
#include "app/gui/dataset/import_flow.h"
#include "app/gui/dataset/label_assist.h"
#include "app/gui/dataset/label_keyboard.h"
#include "app/gui/dataset/label_sets.h"
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
#include <QLineEdit>
#include <QMenu>
#include <QSplitter>
#include <QTableView>

#include <cmath>

namespace ember::gui {
namespace {

constexpr int kTableWidth = 400;
constexpr int kAssistHeight = 240;
constexpr double kRowsMargin = 1.0; ///< lengths of what is shown, before and after it

} // namespace

DatasetPage::DatasetPage(AppContext& context)
    : Page(QStringLiteral("dataset"), tr("Dataset"), QStringLiteral("dataset"), context)
    , m_list(new RecordingList(context))
    , m_timeline(new Timeline(context.theme))
    , m_keyboard(new LabelKeyboard(*m_timeline, this))
    , m_assist(new LabelAssist(context, *m_timeline))
    , m_sets(new LabelSets(context, *m_timeline, *m_keyboard, this))
    , m_changes(new ChangeFinder(context, *m_timeline, this))
    , m_further(new FurtherLanes(context, m_timeline->time()))
    , m_importFlow(new ImportFlow(context, this))
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
    connectSets();
    connectLanes();
    connect(&m_timeline->plot(), &TracePlot::clicked, this,
            [this](double seconds) { m_keyboard->setCursor(std::llround(seconds * m_timeline->rate())); });
    connect(m_assist, &LabelAssist::editWanted, this, &DatasetPage::apply);
    connect(m_assist, &LabelAssist::rowsWanted, this, &DatasetPage::showSuggested);
    connect(m_assist, &LabelAssist::problem, this, [this](const Error& error) { notice().showError(error); });
    connect(m_inspector, &RecordingInspector::editWanted, this, &DatasetPage::apply);
    connect(m_inspector, &RecordingInspector::removeSegmentClicked, this, &DatasetPage::removeSelected);
    connect(&m_inspector->labels(), &LabelButtons::chosenChanged, this, &DatasetPage::onLabelChosen);
    connect(&m_inspector->labels(), &LabelButtons::labelWanted, this, [this](const QString& name) {
        const auto made = this->context().project.project().labels().ensureLabel(m_sets->active(), name);
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
    connect(&context.navigator, &Navigator::importRequested, m_importFlow, &ImportFlow::start);
    connect(m_importFlow, &ImportFlow::begun, this, [this] {
        notice().clear();
        this->context().navigator.go(this->id());
    });
    connect(m_importFlow, &ImportFlow::warning, this,
            [this](const QString& text, const QString& hint) { notice().show("warn", text, hint); });
    connect(m_importFlow, &ImportFlow::problem, this,
            [this](const Error& error, const QString& hint) { notice().showError(error, hint); });
    connect(&context.project, &ProjectSession::projectChanged, this, [this] {
        m_assist->setOpen(false);
        m_timeline->clear();
        m_keyboard->reset();
        m_sets->setActive(QString::fromLatin1(dataset::kDefaultLabelSet));
    });
}

void DatasetPage::connectSets()
{
    const auto follow = [this] {
        m_assist->onLabelSetChanged();
        m_list->setLabelSet(m_sets->active());
        refreshInspector();
    };
    connect(m_sets, &LabelSets::activeChanged, this, follow);
    connect(m_sets, &LabelSets::editWanted, this, &DatasetPage::apply);
    connect(m_sets, &LabelSets::problem, this, [this](const Error& error) { tell(error); });
    connect(m_sets, &LabelSets::told, this, [this](const QString& text) { context().toasts.show(text); });
    connect(m_inspector, &RecordingInspector::labelSetChosen, m_sets, &LabelSets::setActive);
    connect(&m_timeline->lanes(), &LabelLanes::laneChosen, this, [this](dataset::LabelSetId chosen) {
        for (const dataset::LabelSet& set : m_timeline->sets()) {
            if (set.id == chosen)
                m_sets->setActive(set.name);
        }
    });
    connect(&m_timeline->lanes(), &LabelLanes::menuWanted, this, &DatasetPage::showLaneMenu);
}

void DatasetPage::connectLanes()
{
    m_timeline->addBelow(m_further);
    connect(m_timeline, &Timeline::shown, this, [this] { m_further->show(m_timeline->source()); });
    connect(m_timeline, &Timeline::cursorMoved, m_further, &FurtherLanes::setCursor);
    connect(m_further, &FurtherLanes::clicked, this,
            [this](double seconds) { m_keyboard->setCursor(std::llround(seconds * m_timeline->rate())); });
    connect(m_further, &FurtherLanes::editWanted, this, &DatasetPage::apply);
    connect(m_further, &FurtherLanes::problem, this, [this](const Error& error) { notice().showError(error); });
    connect(m_further, &FurtherLanes::filesBesideWanted, this, [this](const QStringList& files, double beginsAfter) {
        dataset::ImportOptions options;
        options.beside = m_timeline->recordingId();
        options.besideSeconds = beginsAfter;
        m_importFlow->import(files, options);
    });
}

void DatasetPage::showLaneMenu(const QPoint& at)
{
    auto* menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("lane-menu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    m_sets->fillMenu(*menu);
    menu->addSeparator();
    QAction* snap = menu->addAction(tr("Edges snap"), this, &DatasetPage::toggleSnapping);
    snap->setCheckable(true);
    snap->setChecked(m_timeline->lanes().isSnapping());
    menu->addSeparator();
    m_further->fillMenu(*menu);
    menu->popup(at);
}

/// Under the button: what can be shown below the traces.
void DatasetPage::showLanesMenu()
{
    auto* menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("lanes-menu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    m_further->fillMenu(*menu);
    menu->popup(m_lanesButton->mapToGlobal(QPoint(0, m_lanesButton->height())));
}

void DatasetPage::buildActions()
{
    m_import = context().actions.add(this, tr("Dataset"), tr("Import…"), QStringLiteral("import"),
                                     QKeySequence(Qt::CTRL | Qt::Key_I), [this] { m_importFlow->ask(); });
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
    m_lanesButton = makeButton(tr("Lanes"));
    m_lanesButton->setObjectName(QStringLiteral("lanes"));
    m_lanesButton->setToolTip(tr("Spectrogram, features, and what was recorded at the same time, under the traces"));
    connect(m_lanesButton, &QPushButton::clicked, this, &DatasetPage::showLanesMenu);
    filters()->addWidget(m_lanesButton);
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
    const bool recordingsChanged = m_list->load();
    showEmpty(m_list->model().rowCount() == 0 && !m_list->showsTrash());
    m_import->setEnabled(context().project.isWritable());
    if (!context().project.isOpen())
        return;
    m_timeline->refresh(context().project.project());
    if (recordingsChanged)
        m_further->refresh(); // looks through all of them, which is too much for every label
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
        if (const auto set = context().project.project().labels().findSet(m_sets->active()))
            labels = context().project.project().labels().labels(set->id).value_or(std::vector<dataset::Label>{});
    }
    m_inspector->showRecording(recording, context().project.isWritable());
    m_inspector->showSegment(segment, recording && recording->stream.rateHz > 0 ? recording->stream.rateHz : 1.0);
    m_inspector->showLabelSets(m_sets->names(), m_sets->active());
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
    const auto label = context().project.project().labels().ensureLabel(m_sets->active(), name);
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
    const auto label = context().project.project().labels().ensureLabel(m_sets->active(), name);
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

} // namespace ember::gui
