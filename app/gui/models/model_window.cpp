// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/models/model_window.h"

#include "app/gui/models/graph_picture.h"
#include "app/gui/plot/export_menu.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"
#include "app/gui/widgets/facts.h"
#include "app/gui/widgets/format.h"
#include "app/gui/widgets/table.h"
#include "app/gui/widgets/waiting_pane.h"
#include "core/base/quantity.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QHeaderView>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableWidget>

#include <algorithm>
#include <cmath>

namespace ember::gui {
namespace {

constexpr QSize kWindow{1080, 720};
constexpr int kGraphWidth = 420;

QString endsText(const std::vector<model::ValueInfo>& ends)
{
    QStringList parts;
    for (const model::ValueInfo& end : ends)
        parts << QStringLiteral("%1 %2 %3")
                     .arg(QString::fromStdString(end.name), model::tensorTypeName(end.type),
                          model::shapeText(end.shape));
    return parts.join(QLatin1Char('\n'));
}

QString operatorsText(const model::ModelSummary& summary)
{
    QStringList parts;
    for (auto it = summary.operators.cbegin(); it != summary.operators.cend(); ++it)
        parts << (it.value() == 1 ? it.key() : QStringLiteral("%1 × %2").arg(it.key()).arg(it.value()));
    return parts.join(QStringLiteral(", "));
}

QTableWidgetItem* cell(const QString& text, bool number = false)
{
    auto* item = new QTableWidgetItem(text);
    item->setFlags(Qt::ItemIsSelectable | Qt::ItemIsEnabled);
    item->setToolTip(text);
    if (number)
        item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    return item;
}

} // namespace

ModelWindow::ModelWindow(const QString& path, AppContext& context, QWidget* parent)
    : QDialog(parent)
    , m_path(path)
    , m_context(context)
    , m_jobs(context.jobs)
    , m_body(new QStackedWidget)
    , m_waiting(new WaitingPane(context.theme))
    , m_graph(new GraphPicture(context.theme))
    , m_verdict(makeLabel({}, "section"))
    , m_facts(new Facts)
    , m_step(new Facts)
    , m_boards(new QTableWidget(0, 5))
{
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Model: %1").arg(QFileInfo(path).fileName()));
    setObjectName(QStringLiteral("model-window"));
    resize(kWindow);
    m_body->addWidget(m_waiting);
    m_body->addWidget(buildReport());
    plainLayout<QVBoxLayout>(this, 0, context.theme.metrics().l)->addWidget(m_body);
    connect(m_graph, &GraphPicture::chosenChanged, this, &ModelWindow::showStep);
    connect(m_waiting, &WaitingPane::cancelClicked, this, &QDialog::close);
    connect(m_waiting, &WaitingPane::againClicked, this, &ModelWindow::read);
    read();
}

ModelWindow::~ModelWindow()
{
    m_jobs.cancel(m_job);
}

void ModelWindow::ask(AppContext& context, QWidget* parent)
{
    auto* dialog =
        new QFileDialog(parent, tr("Import model"), {}, tr("Models (*.onnx *.tflite *.lite);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, parent,
            [&context, parent](const QString& path) { (new ModelWindow(path, context, parent))->show(); });
    dialog->open();
}

QWidget* ModelWindow::buildReport()
{
    const ThemeMetrics& m = m_context.theme.metrics();
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidget(m_graph);

    m_verdict->setWordWrap(true);
    m_boards->setObjectName(QStringLiteral("model-boards"));
    m_boards->setHorizontalHeaderLabels({tr("Board"), tr("Flash"), tr("RAM"), tr("Instructions"), tr("Remark")});
    prepareTable(m_boards, m_context.theme);
    m_boards->setSortingEnabled(false); // rows stay together while they are filled
    addTableMenu(m_boards, QStringLiteral("boards"),
                 [path = m_path] { return QStringLiteral("emberlab model info \"%1\" --boards").arg(path); });
    auto* side = new QWidget;
    auto* column = plainLayout<QVBoxLayout>(side, m.m);
    column->addWidget(m_verdict);
    column->addWidget(m_facts);
    column->addWidget(makeLabel(tr("Chosen step"), "heading"));
    column->addWidget(m_step);
    column->addWidget(makeLabel(tr("On each board (estimated)"), "heading"));
    column->addWidget(m_boards, 1);

    auto* split = new QSplitter(Qt::Horizontal);
    split->setHandleWidth(m.l);
    split->setChildrenCollapsible(false);
    split->addWidget(scroll);
    split->addWidget(side);
    split->setStretchFactor(1, 1);
    split->setSizes({kGraphWidth, kWindow.width() - kGraphWidth});
    return split;
}

void ModelWindow::read()
{
    m_body->setCurrentIndex(0);
    m_waiting->showBusy(tr("Looking at the model on every board …"), -1);
    m_job = m_jobs.runQuietly<workflow::ModelReport>(
        [path = m_path](const JobContext& job) -> Result<workflow::ModelReport> {
            EMBER_TRY(const std::vector<device::Board> boards, device::loadBoards());
            return workflow::reportModel(path, boards, job.cancel);
        },
        this, [this](const Result<workflow::ModelReport>& report) { showReport(report); });
}

void ModelWindow::showReport(const Result<workflow::ModelReport>& report)
{
    if (!report) {
        m_waiting->showProblem(report.error().toString(), true);
    } else {
        m_graph->setSteps(report->steps);
        showFacts(*report);
        showBoards(report->boards);
        showStep(-1);
        m_body->setCurrentIndex(1);
    }
    Q_EMIT shown();
}

void ModelWindow::showFacts(const workflow::ModelReport& report)
{
    const workflow::ModelInfo& info = report.info;
    const auto fitting = std::count_if(report.boards.begin(), report.boards.end(),
                                       [](const workflow::BoardFit& board) { return board.fits; });
    if (!info.problem.isEmpty())
        m_verdict->setText(info.problem);
    else
        m_verdict->setText(tr("Can be computed here; runs on %1 of %2 boards").arg(fitting).arg(report.boards.size()));
    setStyleProperty(m_verdict, "role", info.problem.isEmpty() ? "section" : "bad");
    const auto known = [](qint64 value) { return value < 0 ? QObject::tr("not known") : formatCount(value); };
    std::vector<Fact> facts{{tr("Inputs"), endsText(info.summary.inputs)},
                            {tr("Outputs"), endsText(info.summary.outputs)},
                            {tr("Operators"), operatorsText(info.summary)},
                            {tr("Parameters"), formatCount(info.summary.parameters)},
                            {tr("MACs"), known(info.macs)},
                            {tr("RAM at least"), info.liveRamBytes < 0 ? known(-1) : formatBytes(info.liveRamBytes)}};
    if (!info.summary.unsupported.isEmpty())
        facts.push_back({tr("Not supported"), info.summary.unsupported.join(QStringLiteral(", ")), "bad"});
    m_facts->setFacts(facts);
}

void ModelWindow::showBoards(const std::vector<workflow::BoardFit>& boards)
{
    m_boards->setRowCount(static_cast<int>(boards.size()));
    for (int row = 0; row < m_boards->rowCount(); ++row) {
        const workflow::BoardFit& board = boards[static_cast<std::size_t>(row)];
        const auto bytes = [&board](const footprint::Cost& cost) {
            return board.cost ? formatBytes(std::llround(cost.value)) : QString();
        };
        const footprint::ModelCost cost = board.cost.value_or(footprint::ModelCost());
        m_boards->setItem(row, 0, cell(board.name));
        m_boards->setItem(row, 1, cell(bytes(cost.flashBytes), true));
        m_boards->setItem(row, 2, cell(bytes(cost.ramBytes), true));
        const auto& work = cost.work().cost;
        const QString count = work ? formatCount(std::llround(work->value)) : QString();
        m_boards->setItem(
            row, 3, cell(cost.workUnit() == footprint::WorkUnit::Cycles ? tr("%1 cycles").arg(count) : count, true));
        m_boards->setItem(row, 4, cell(board.fits ? tr("fits") : board.reason));
    }
    m_boards->resizeColumnsToContents();
}

void ModelWindow::showStep(int step)
{
    if (step < 0 || step >= static_cast<int>(m_graph->steps().size())) {
        m_step->setFacts({{tr("Step"), tr("none; choose one in the graph"), "muted"}});
        return;
    }
    const workflow::ModelStep& own = m_graph->steps()[static_cast<std::size_t>(step)];
    m_step->setFacts({{tr("Step"), QStringLiteral("%1 %2").arg(own.operation, own.name)},
                      {tr("Result"), own.result},
                      {tr("MACs"), formatCount(own.macs)},
                      {tr("Constants"), formatBytes(own.constantBytes)}});
}

} // namespace ember::gui
