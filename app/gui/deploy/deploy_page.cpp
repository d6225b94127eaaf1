// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/deploy/deploy_page.h"

#include "app/gui/deploy/bundle_button.h"
#include "app/gui/deploy/cost_facts.h"
#include "app/gui/deploy/event_panel.h"
#include "app/gui/deploy/learn_panel.h"
#include "app/gui/deploy/live_panel.h"
#include "app/gui/deploy/step_list.h"
#include "app/gui/devices/device_session.h"
#include "app/gui/models/model_window.h"
#include "app/gui/shell/action_registry.h"
#include "app/gui/shell/navigator.h"
#include "app/gui/shell/project_session.h"
#include "app/gui/shell/toast_host.h"
#include "app/gui/shell/ui_settings.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/budget_bar.h"
#include "app/gui/widgets/build.h"
#include "app/gui/widgets/empty_state.h"
#include "app/gui/widgets/format.h"
#include "app/gui/widgets/notice.h"
#include "core/base/quantity.h"
#include "core/codegen/kind.h"
#include "core/dataset/windows.h"

#include <QComboBox>
#include <QScrollArea>
#include <QSpinBox>
#include <QSplitter>
#include <QTabWidget>

#include <cmath>

namespace ember::gui {
namespace {

constexpr int kBoardPanelWidth = 340;
constexpr int kRunWidth = 190;
constexpr int kBoardWidth = 260;

const Setting<QString> kBoard{"deploy/board", QStringLiteral("mps2-an386")};
const Setting<int> kBattery{"deploy/battery-mah", 0, [](int mah) { return mah >= 0; }};
const Setting<int> kOptimise{"deploy/optimise", 0, [](int o) { return o >= 0 && o <= 2; }};

std::optional<double> valueOf(const footprint::OptionalCost& cost)
{
    return cost.cost ? std::optional<double>(cost.cost->value) : std::nullopt;
}

/// The time between two windows; 0 where the model takes none.
double hopMilliseconds(const codegen::LoweredModel& model)
{
    const bool timed = model.pipeline && model.pipeline->stream.rateHz > 0;
    return timed ? model.pipeline->hopRows / model.pipeline->stream.rateHz * 1e3 : 0;
}

QString whole(double value)
{
    return formatCount(std::llround(value));
}

} // namespace

DeployPage::DeployPage(AppContext& context)
    : Page(QStringLiteral("deploy"), tr("Deploy"), QStringLiteral("deploy"), context)
    , m_runner(context)
    , m_live(context.devices)
    , m_run(new QComboBox)
    , m_board(new QComboBox)
    , m_optimise(new QComboBox)
    , m_boardName(makeLabel({}, "section"))
    , m_flash(new BudgetBar(tr("Flash"), BudgetBar::Quantity::Bytes, context.theme))
    , m_ram(new BudgetBar(tr("RAM"), BudgetBar::Quantity::Bytes, context.theme))
    , m_instructions(new BudgetBar(tr("Instructions per window"), BudgetBar::Quantity::Count, context.theme))
    , m_time(new BudgetBar(tr("Time per window, ms"), BudgetBar::Quantity::Reading, context.theme))
    , m_energy(new BudgetBar(tr("Energy per window, µJ"), BudgetBar::Quantity::Reading, context.theme))
    , m_battery(new QSpinBox)
    , m_steps(new StepList(m_runner, context.theme))
    , m_events(new EventPanel(m_runner, context.theme))
    , m_livePanel(new LivePanel(m_live, context.theme))
    , m_learning(new LearnPanel(m_runner, context))
    , m_liveEmpty(new EmptyState(QStringLiteral("live"), {}, {}))
    , m_inspector(new Inspector(tr("Model")))
    , m_model(new Facts)
    , m_costs(new Facts)
    , m_proof(new Facts)
    , m_empty(new EmptyState(
          QStringLiteral("deploy"), tr("No model yet"),
          tr("A trained run is put onto a board here, and proved to compute there what it computes here.")))
{
    m_deploy = context.actions.add(this, tr("Deploy"), tr("Deploy"), QStringLiteral("deploy"), {},
                                   [this] { m_runner.runAll(); });
    setMainAction(m_deploy);
    m_importModel = context.actions.add(this, tr("Deploy"), tr("Import model…"), QStringLiteral("import"), {},
                                        [this] { ModelWindow::ask(this->context(), this); });
    m_importModel->setToolTip(tr("Look at a model file: what of it is supported, and what it costs on each board"));
    m_startLive = context.actions.add(this, tr("Deploy"), tr("Show live inference"), QStringLiteral("live"), {},
                                      [this] { startLive(); });
    buildFilters();

    auto* split = new QSplitter(Qt::Horizontal);
    split->setHandleWidth(context.theme.metrics().s);
    split->setChildrenCollapsible(false);
    split->addWidget(buildBoardPanel());
    split->addWidget(buildLivePanel());
    split->setStretchFactor(1, 1);
    split->setSizes({kBoardPanelWidth, kBoardPanelWidth});
    split->restoreState(context.settings.layout(QStringLiteral("deploy/split")));
    connect(split, &QSplitter::splitterMoved, this,
            [this, split] { this->context().settings.setLayout(QStringLiteral("deploy/split"), split->saveState()); });
    setContent(split);
    m_inspector->addSection({}, m_model);
    m_inspector->addSection(tr("Costs on this board"), m_costs);
    m_inspector->addSection(tr("Last proof"), m_proof);
    m_inspector->addStretch();
    setInspector(m_inspector);

    auto* train = new QAction(tr("Go to Train"), this);
    connect(train, &QAction::triggered, this, [this] { this->context().navigator.go(QStringLiteral("train")); });
    m_empty->setMainAction(train);
    m_empty->setLink(m_importModel);
    setEmptyState(m_empty);
    setNeedsProject();

    connect(&m_runner, &DeployRunner::changed, this, [this] {
        m_live.setProgram(m_runner.deployment() ? std::optional(m_runner.deployment()->program) : std::nullopt);
        refreshBudgets();
        refreshInspector();
        refreshActions();
    });
    connect(&m_runner, &DeployRunner::deployed, this, [this] {
        // An emulated board goes on with the firmware that it started with.
        const DeviceSession& devices = this->context().devices;
        if (devices.isEmulated() && devices.isStreaming() && devices.boardId() == m_board->currentData().toString())
            startLive();
        this->context().toasts.show(tr("The board computes what the desktop computes"), tr("Show live"),
                                    [this] { startLive(); });
    });
    connect(&m_live, &LiveInference::changed, this, &DeployPage::refreshLiveState);
    connect(&context.navigator, &Navigator::deployRequested, this, [this](qint64 id) {
        m_wantedRun = id;
        this->context().navigator.go(this->id());
        chooseRun(id);
    });
    refreshLiveState();
    refreshActions();
}

void DeployPage::buildFilters()
{
    if (auto boards = device::loadBoards())
        m_boards = std::move(*boards);
    for (const device::Board& board : m_boards)
        m_board->addItem(board.name, board.id);
    m_board->setCurrentIndex(std::max(0, m_board->findData(context().settings.get(kBoard))));
    m_optimise->addItem(tr("smallest code"), static_cast<int>(codegen::Optimise::Size));
    m_optimise->addItem(tr("balanced"), static_cast<int>(codegen::Optimise::Balanced));
    m_optimise->addItem(tr("fastest code"), static_cast<int>(codegen::Optimise::Speed));
    m_optimise->setCurrentIndex(context().settings.get(kOptimise));
    m_optimise->setToolTip(tr("Tables with a small kernel, or trees as comparisons"));
    m_run->setObjectName(QStringLiteral("deploy-run-choice"));
    m_board->setObjectName(QStringLiteral("deploy-board-choice"));
    m_run->setFixedWidth(kRunWidth);
    m_board->setFixedWidth(kBoardWidth);
    filters()->addStretch(1);
    auto* importButton = makeIconButton(QStringLiteral("import"), m_importModel->toolTip());
    importButton->setObjectName(QStringLiteral("deploy-import-model"));
    connect(importButton, &QToolButton::clicked, m_importModel, &QAction::trigger);
    filters()->addWidget(importButton);
    filters()->addWidget(m_run);
    filters()->addWidget(makeLabel(tr("on"), "muted"));
    filters()->addWidget(m_board);
    filters()->addWidget(m_optimise);
    filters()->addWidget(new BundleButton(m_runner, context()));
    connect(m_run, &QComboBox::activated, this, &DeployPage::retarget);
    connect(m_board, &QComboBox::activated, this, [this] {
        context().settings.set(kBoard, m_board->currentData().toString());
        retarget();
    });
    connect(m_optimise, &QComboBox::activated, this, [this] {
        context().settings.set(kOptimise, m_optimise->currentIndex());
        retarget();
    });
}

QWidget* DeployPage::buildBoardPanel()
{
    const ThemeMetrics& m = context().theme.metrics();
    auto* content = new QWidget;
    content->setObjectName(QStringLiteral("scrolled"));
    auto* column = plainLayout<QVBoxLayout>(content, m.m, m.l);
    m_boardName->setWordWrap(true);
    column->addWidget(m_boardName);
    for (BudgetBar* bar : {m_flash, m_ram, m_instructions, m_time, m_energy})
        column->addWidget(bar);
    column->addLayout(buildBattery());
    column->addWidget(m_events);
    column->addSpacing(m.s);
    column->addWidget(makeLabel(tr("Steps"), "heading"));
    column->addWidget(m_steps);
    column->addStretch(1);
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(content);
    auto* frame = makeFrame("panel");
    plainLayout<QVBoxLayout>(frame, 0, 1)->addWidget(scroll);
    frame->setMinimumWidth(300);
    return frame;
}

QLayout* DeployPage::buildBattery()
{
    m_battery->setObjectName(QStringLiteral("deploy-battery"));
    m_battery->setRange(0, 1'000'000);
    m_battery->setSuffix(tr(" mAh"));
    m_battery->setSpecialValueText(tr("none"));
    m_battery->setToolTip(tr("Capacity of the battery: how long it lasts is among the costs"));
    m_battery->setAccessibleName(tr("Battery capacity"));
    m_battery->setValue(context().settings.get(kBattery));
    connect(m_battery, &QSpinBox::valueChanged, this, [this](int capacity) {
        context().settings.set(kBattery, capacity);
        refreshInspector();
    });
    auto* row = new QHBoxLayout;
    row->addWidget(makeLabel(tr("Battery"), "muted"));
    row->addStretch(1);
    row->addWidget(m_battery);
    return row;
}

QWidget* DeployPage::buildLivePanel()
{
    m_liveEmpty->setLink(m_startLive); // the page has its one main action already
    m_livePanel->setEmptyState(m_liveEmpty);
    auto* tabs = new QTabWidget;
    tabs->setObjectName(QStringLiteral("deploy-tabs"));
    tabs->setDocumentMode(true);
    tabs->addTab(m_livePanel, tr("Live"));
    tabs->addTab(m_learning, tr("Learning"));
    connect(m_learning, &LearnPanel::learnsChanged, this, &DeployPage::retarget);
    return tabs;
}

const device::Board* DeployPage::board() const
{
    const QString id = m_board->currentData().toString();
    for (const device::Board& board : m_boards) {
        if (board.id == id)
            return &board;
    }
    return nullptr;
}

void DeployPage::contentChanged()
{
    const qint64 before = m_wantedRun != 0 ? m_wantedRun : m_run->currentData().toLongLong();
    m_run->clear();
    QHash<QString, int> colours;
    if (context().project.isOpen()) {
        const dataset::Project& project = context().project.project();
        const auto runs = project.runs().list().value_or(std::vector<dataset::Run>{});
        // Newest first: what was just trained is what one deploys.
        for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
            if (!run->model.isValid())
                continue;
            const double f1 = run->scores.value(QStringLiteral("f1")).toDouble();
            m_run->addItem(QStringLiteral("%1 · F1 %2").arg(run->name, formatScore(f1)), run->id.value);
        }
        QStringList groups;
        for (const dataset::Recording& recording :
             project.recordings().list().value_or(std::vector<dataset::Recording>{})) {
            const QString group = dataset::groupNameOf(recording);
            if (!recording.trashed && !groups.contains(group))
                groups << group;
        }
        m_learning->setGroups(groups);
        for (const dataset::Label& label : project.labels().labels().value_or(std::vector<dataset::Label>{}))
            colours.insert(label.name, label.colour);
    }
    m_livePanel->setColours(colours);
    showEmpty(m_run->count() == 0);
    chooseRun(before);
}

void DeployPage::chooseRun(qint64 id)
{
    const int at = m_run->findData(id);
    if (at >= 0) {
        m_run->setCurrentIndex(at);
        m_wantedRun = 0;
    }
    retarget();
}

void DeployPage::retarget()
{
    DeployTarget target;
    if (context().project.isOpen() && m_run->currentIndex() >= 0) {
        target.project = context().project.path();
        target.run = dataset::RunId{m_run->currentData().toLongLong()};
        if (const auto run = context().project.project().runs().get(target.run))
            target.model = run->model;
        target.board = m_board->currentData().toString();
        target.optimise = static_cast<codegen::Optimise>(m_optimise->currentData().toInt());
        target.learns = m_learning->learns();
    }
    m_runner.setTarget(target);
    refreshBudgets();
    refreshInspector();
    refreshActions();
}

void DeployPage::refreshBudgets()
{
    const device::Board* target = board();
    m_boardName->setText(target ? target->name : tr("No board"));
    if (!target)
        return;
    const auto& estimate = m_runner.estimate();
    const auto& profile = m_runner.profile();
    m_flash->setBudget(static_cast<double>(target->flashBytes), formatBytes(target->flashBytes));
    m_ram->setBudget(static_cast<double>(target->ramBytes), formatBytes(target->ramBytes));
    m_flash->setEstimate(estimate ? std::optional(estimate->flashBytes.value) : std::nullopt);
    m_flash->setActual(profile ? std::optional(profile->flashBytes) : std::nullopt);
    m_ram->setEstimate(estimate ? std::optional(estimate->ramBytes.value) : std::nullopt);
    m_ram->setActual(profile ? std::optional(profile->ramBytes) : std::nullopt);
    // Where cycles are counted, the time says it all.
    const auto& known = profile ? profile : estimate;
    m_instructions->setVisible(!known || !known->cycles.cost);
    m_instructions->setEstimate(estimate ? valueOf(estimate->instructions) : std::nullopt);
    m_instructions->setActual(profile ? profile->instructions.cost : std::nullopt);
    m_instructions->setReason(estimate && !estimate->instructions.cost ? estimate->instructions.reason : QString());
    refreshTimeAndEnergy();
}

void DeployPage::refreshTimeAndEnergy()
{
    const auto& deployment = m_runner.deployment();
    const auto useOf = [&](const std::optional<footprint::ModelCost>& cost) {
        return deployment && cost ? workflow::energyOf(*deployment, *cost) : footprint::EnergyUse();
    };
    const footprint::EnergyUse estimated = useOf(m_runner.estimate());
    const footprint::EnergyUse profiled = useOf(m_runner.profile());
    const footprint::EnergyUse& best = m_runner.profile() ? profiled : estimated;
    m_time->setVisible(best.milliseconds.cost.has_value());
    // The next window is there a hop later.
    const double hop = deployment ? hopMilliseconds(deployment->program.model()) : 0;
    m_time->setBudget(hop, hop > 0 ? footprint::formatReading(hop) : QString());
    m_time->setEstimate(valueOf(estimated.milliseconds));
    m_time->setActual(profiled.milliseconds.cost);
    m_time->setReason(best.assumption.isEmpty() ? QString() : tr("Assumed: %1").arg(best.assumption));
    m_energy->setEstimate(valueOf(estimated.microjoules));
    m_energy->setActual(profiled.microjoules.cost);
    // Without a time there is nothing to tell yet, whatever the board file says.
    const QString missing = best.milliseconds.cost ? tr("current unknown") : QString();
    m_energy->setReason(best.microjoules.cost ? best.currentSource : missing);
}

void DeployPage::refreshInspector()
{
    const auto& deployment = m_runner.deployment();
    m_inspector->setTitle(deployment ? deployment->program.model().title : tr("Model"));
    std::vector<Fact> model;
    if (deployment) {
        const codegen::LoweredModel& lowered = deployment->program.model();
        model = {{tr("Trainer"), lowered.trainer},
                 {tr("Features"), whole(lowered.featureCount)},
                 {tr("Classes"), whole(static_cast<double>(lowered.classNames.size()))},
                 {tr("Model"), deployment->source.hash.left(12)}};
        if (const codegen::LoweredForest* forest = lowered.forest()) {
            model.push_back({tr("Trees"), whole(static_cast<double>(forest->roots.size()))});
            model.push_back({tr("Nodes"), whole(static_cast<double>(forest->nodes.size()))});
            model.push_back({tr("Tables"), formatBytes(forest->tableBytes())});
        } else {
            const codegen::ModelKind& kind = codegen::kindOf(lowered);
            model.push_back({tr("Model type"), kind.description(lowered)});
            model.push_back({tr("Tables"), formatBytes(kind.constantBytes(lowered))});
        }
        if (lowered.pipeline)
            model.push_back({tr("Window"), tr("%1 rows").arg(lowered.pipeline->windowRows)});
    }
    m_model->setFacts(model);

    const auto& cost = m_runner.profile() ? m_runner.profile() : m_runner.estimate();
    m_costs->setFacts(cost ? costFacts(*cost, deployment ? &*deployment : nullptr, m_battery->value())
                           : std::vector<Fact>());
    refreshProof();
}

void DeployPage::refreshProof()
{
    std::vector<Fact> proof;
    if (const DeployTarget& target = m_runner.target(); target.isValid() && context().project.isOpen()) {
        for (const dataset::Verification& v : context()
                                                  .project.project()
                                                  .models()
                                                  .verifications(target.model)
                                                  .value_or(std::vector<dataset::Verification>{})) {
            if (v.target != target.board)
                continue;
            proof = {{tr("Windows"), whole(static_cast<double>(v.rows))},
                     {tr("Label flips"), whole(static_cast<double>(v.labelFlips)), v.labelFlips > 0 ? "bad" : "good"},
                     {tr("Features and outputs"), v.bitExact ? tr("bit exact") : tr("%1 differ").arg(v.mismatched),
                      v.bitExact ? "good" : "bad"},
                     {tr("On"), v.source}};
            break;
        }
    }
    if (proof.empty())
        proof.push_back({tr("Not verified on this board yet"), {}, "muted"});
    m_proof->setFacts(proof);
}

void DeployPage::refreshActions()
{
    const bool ready = m_runner.deployment().has_value();
    m_deploy->setEnabled(ready && !m_runner.isRunning());
    m_deploy->setText(m_runner.isRunning() && !m_runner.isChangingEvents() ? tr("Deploying") : tr("Deploy"));
    refreshLiveState();
}

void DeployPage::refreshNotice()
{
    using State = DeviceSession::State;
    const DeviceSession& devices = context().devices;
    if (!notice().isNews(devices.boardName() + devices.stateText() + devices.error().message +
                         (m_runner.error() ? m_runner.error()->message : QString())))
        return;
    if (m_runner.error()) {
        notice().showError(*m_runner.error());
    } else if (devices.state() == State::Failed) {
        notice().showError(devices.error());
        if (devices.isEmulated())
            notice().setAction(tr("Start again"), [this] { startLive(); });
    } else if (devices.state() == State::LinkLost) {
        notice().show("warn",
                      tr("The link to %1 is lost. Live results go on when it is back.").arg(devices.boardName()));
    } else {
        notice().clear();
    }
}

bool DeployPage::fitsTheBoard() const
{
    const auto live = context().devices.live();
    const auto& deployment = m_runner.deployment();
    if (!live || !deployment || !deployment->program.model().pipeline)
        return true;
    return dataset::sameLayout(deployment->program.model().pipeline->stream, live->spec());
}

void DeployPage::refreshLiveState()
{
    refreshNotice();
    const DeviceSession& devices = context().devices;
    const auto& description = devices.description();
    const device::Board* target = board();
    const bool emulated = target && target->isEmulated();
    const bool flashed = m_runner.status(DeployRunner::Step::Flash).state == DeployRunner::StepState::Done;
    if (devices.isStreaming() && m_live.isOurModel() && !fitsTheBoard()) {
        m_liveEmpty->setText(
            tr("The model does not take what this board measures"),
            tr("It was trained on rows of another type or scale, as imported files have them. Train on "
               "recordings made with the board."));
        m_startLive->setVisible(false);
    } else if (devices.isStreaming() && description && description->model) {
        m_liveEmpty->setText(tr("Waiting for the first window"),
                             tr("The board says what it hears once a whole window has been sampled."));
        m_startLive->setVisible(false);
    } else if (devices.isStreaming() && !flashed) {
        m_liveEmpty->setText(tr("The board carries no model"), tr("Deploy puts the firmware with the model onto it."));
        m_startLive->setVisible(false);
    } else {
        m_liveEmpty->setText(tr("Live inference"), tr("What the board hears now, beside what the desktop makes of the "
                                                      "same window. Deploy first, then start the board."));
        m_startLive->setVisible(emulated);
        m_startLive->setEnabled(emulated && !m_runner.isRunning());
    }
}

void DeployPage::startLive()
{
    context().navigator.startBoard(m_board->currentData().toString());
    context().navigator.go(id());
}

} // namespace ember::gui
