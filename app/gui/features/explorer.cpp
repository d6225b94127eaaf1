// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/features/explorer.h"

#include "app/gui/features/chosen_bar.h"
#include "app/gui/plot/category_legend.h"
#include "app/gui/plot/scatter_plot.h"
#include "app/gui/shell/project_session.h"
#include "app/gui/shell/ui_settings.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"
#include "app/gui/widgets/format.h"
#include "app/gui/widgets/waiting_pane.h"
#include "core/base/quantity.h"

#include <QComboBox>
#include <QStackedWidget>

#include <algorithm>

namespace ember::gui {
namespace {

const Setting<int> kLayout{"explorer/layout", 0, [](int i) { return i >= 0 && i <= 2; }};
const Setting<int> kColourBy{"explorer/colour-by", 0, [](int i) { return i >= 0 && i <= 3; }};
const Setting<int> kTool{"explorer/tool", 0, [](int i) { return i == 0 || i == 1; }};

constexpr int kFeatureWidth = 130;

void limitWidth(QComboBox* box, int width)
{
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(6);
    box->setMaximumWidth(width);
}

} // namespace

Explorer::Explorer(AppContext& context, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
    , m_maps(new MapRunner(context.jobs, this))
    , m_layout(new QComboBox)
    , m_xFeature(new QComboBox)
    , m_yFeature(new QComboBox)
    , m_colourBy(new QComboBox)
    , m_run(new QComboBox)
    , m_lasso(makeIconButton(QStringLiteral("lasso"), tr("Choose with a lasso")))
    , m_rectangle(makeIconButton(QStringLiteral("rectangle"), tr("Choose with a rectangle")))
    , m_stack(new QStackedWidget)
    , m_waiting(new WaitingPane(context.theme))
    , m_plot(new ScatterPlot(context.theme))
    , m_legend(new CategoryLegend(context.theme))
    , m_colourProblem(makeLabel({}, "muted"))
    , m_chosen(new ChosenBar(context))
{
    auto* column = plainLayout<QVBoxLayout>(this, context.theme.metrics().s);
    column->addWidget(buildTools());
    column->addWidget(buildCanvas(), 1);
    column->addWidget(m_chosen);

    connect(m_maps, &MapRunner::ready, this, &Explorer::showMap);
    connect(m_maps, &MapRunner::failed, this,
            [this](const Error& error) { showProblem(error.toString(), error.kind == ErrorKind::Cancelled); });
    connect(m_maps, &MapRunner::progressed, this,
            [this](const Progress& progress) { showBusy(progress.step, progress.fraction); });
    connect(m_waiting, &WaitingPane::cancelClicked, this, [this] {
        m_maps->cancel();
        Q_EMIT cancelClicked();
    });
    connect(m_waiting, &WaitingPane::againClicked, this, [this] {
        layOut();
        Q_EMIT againClicked();
    });
    connect(m_chosen, &ChosenBar::labelWanted, this, &Explorer::labelWanted);
    connect(m_chosen, &ChosenBar::openClicked, this, [this] {
        const std::vector<std::size_t> rows = chosenRows();
        const std::optional<std::size_t> current = currentRow();
        if (current || !rows.empty())
            Q_EMIT opened(current ? *current : rows.front());
    });
    connect(m_plot, &ScatterPlot::chosenChanged, this, &Explorer::refreshChosen);
    connect(m_plot, &ScatterPlot::currentChanged, this, &Explorer::currentChanged);
    connect(m_plot, &ScatterPlot::opened, this,
            [this](std::size_t point) { Q_EMIT opened(static_cast<std::size_t>(m_rows[point])); });
    connect(m_legend, &CategoryLegend::hiddenChanged, m_plot, &ScatterPlot::setHidden);
}

QWidget* Explorer::buildTools()
{
    m_layout->addItems({tr("PCA"), tr("t-SNE"), tr("UMAP"), tr("two features")});
    m_layout->setObjectName(QStringLiteral("explorer-layout"));
    m_layout->setToolTip(tr("PCA: the two directions in which windows differ most. t-SNE and UMAP: similar windows "
                            "lie together; distances between groups say little."));
    m_layout->setCurrentIndex(m_context.settings.get(kLayout));
    m_colourBy->addItems({tr("label"), tr("group"), tr("split"), tr("correctness")});
    m_colourBy->setObjectName(QStringLiteral("explorer-colour"));
    m_colourBy->setCurrentIndex(m_context.settings.get(kColourBy));
    m_xFeature->setObjectName(QStringLiteral("explorer-x"));
    m_yFeature->setObjectName(QStringLiteral("explorer-y"));
    m_run->setObjectName(QStringLiteral("explorer-run"));
    m_run->setToolTip(tr("The run whose validation decides what is right"));
    for (QComboBox* box : {m_xFeature, m_yFeature, m_run})
        limitWidth(box, kFeatureWidth);
    for (QToolButton* tool : {m_lasso, m_rectangle}) {
        tool->setCheckable(true);
        tool->setAutoExclusive(true);
    }
    m_lasso->setObjectName(QStringLiteral("explorer-lasso"));
    m_rectangle->setObjectName(QStringLiteral("explorer-rectangle"));
    const bool rectangle = m_context.settings.get(kTool) == 1;
    (rectangle ? m_rectangle : m_lasso)->setChecked(true);
    m_plot->setTool(rectangle ? ScatterPlot::Tool::Rectangle : ScatterPlot::Tool::Lasso);
    connect(m_rectangle, &QToolButton::toggled, this, [this](bool on) {
        m_plot->setTool(on ? ScatterPlot::Tool::Rectangle : ScatterPlot::Tool::Lasso);
        m_context.settings.set(kTool, on ? 1 : 0);
    });
    connect(m_layout, &QComboBox::activated, this, [this] {
        m_context.settings.set(kLayout, std::min<int>(layout(), ByUmap)); // features are others in another project
        layOut();
    });
    connect(m_xFeature, &QComboBox::activated, this, &Explorer::layOut);
    connect(m_yFeature, &QComboBox::activated, this, &Explorer::layOut);
    connect(m_colourBy, &QComboBox::activated, this, [this] {
        m_context.settings.set(kColourBy, m_colourBy->currentIndex());
        colour();
    });
    connect(m_run, &QComboBox::activated, this, [this] {
        colour();
        Q_EMIT runChanged();
    });
    auto* tools = new QWidget;
    auto* row = plainLayout<QHBoxLayout>(tools, m_context.theme.metrics().s);
    row->addWidget(makeLabel(tr("Windows by"), "muted"));
    row->addWidget(m_layout);
    row->addWidget(m_xFeature, 1);
    row->addWidget(m_yFeature, 1);
    row->addWidget(makeLabel(tr("coloured by"), "muted"));
    row->addWidget(m_colourBy);
    row->addWidget(m_run, 1);
    row->addStretch(1);
    // They are there when they are needed; all together have room beside the panel of a small screen.
    for (QComboBox* box : {m_xFeature, m_yFeature, m_run}) {
        box->setMinimumContentsLength(3);
        box->hide();
    }
    row->addWidget(m_lasso);
    row->addWidget(m_rectangle);
    return tools;
}

QWidget* Explorer::buildCanvas()
{
    m_plot->setObjectName(QStringLiteral("explorer-plot"));
    m_plot->setReadOut([this](std::size_t point) { return readOut(point); });
    m_plot->setCsv([this] { return csv(); });
    m_canvas = new QWidget;
    auto* row = plainLayout<QHBoxLayout>(m_canvas, m_context.theme.metrics().s);
    auto* left = new QVBoxLayout;
    left->setSpacing(0);
    left->addWidget(m_colourProblem);
    left->addWidget(m_plot, 1);
    m_colourProblem->setWordWrap(true);
    m_colourProblem->hide();
    row->addLayout(left, 1);
    row->addWidget(m_legend);

    m_stack->addWidget(m_canvas);
    m_stack->addWidget(m_waiting);
    auto* frame = makeFrame("panel");
    plainLayout<QVBoxLayout>(frame, 0, m_context.theme.metrics().s)->addWidget(m_stack);
    return frame;
}

Explorer::Layout Explorer::layout() const
{
    return static_cast<Layout>(m_layout->currentIndex());
}

ColourBy Explorer::colourBy() const
{
    return static_cast<ColourBy>(m_colourBy->currentIndex());
}

void Explorer::setData(std::shared_ptr<const ExplorerData> shown)
{
    m_data = std::move(shown);
    m_maps->setData(m_data);
    m_rows.clear();
    m_plot->setPoints({}, {}, {}, false);
    if (!m_data)
        return;
    fillChoices();
    layOut();
}

void Explorer::fillChoices()
{
    for (QComboBox* box : {m_xFeature, m_yFeature}) {
        const QString before = box->currentText();
        box->clear();
        box->addItems(m_data->set.matrix.featureNames);
        const int again = before.isEmpty() ? -1 : box->findText(before);
        box->setCurrentIndex(again >= 0 ? again : box == m_yFeature && box->count() > 1 ? 1 : 0);
    }
    const QVariant before = m_run->currentData();
    m_run->clear();
    for (const dataset::Run& run : m_data->runs)
        m_run->addItem(run.name, run.id.value);
    m_run->setCurrentIndex(std::max(0, m_run->findData(before)));
}

const dataset::Run* Explorer::run() const
{
    if (!m_data || m_data->runs.empty())
        return nullptr;
    return &m_data->runs[static_cast<std::size_t>(std::max(0, m_run->currentIndex()))];
}

void Explorer::showFeatures(int x, int y)
{
    m_layout->setCurrentIndex(ByFeatures);
    m_xFeature->setCurrentIndex(x);
    m_yFeature->setCurrentIndex(y);
    layOut();
}

void Explorer::layOut()
{
    const bool pair = layout() == ByFeatures;
    m_xFeature->setVisible(pair);
    m_yFeature->setVisible(pair);
    m_run->setVisible(colourBy() == ColourBy::Correctness && m_run->count() > 0);
    if (!m_data)
        return;
    m_plot->setCommandLine(commandLine());
    if (pair) {
        m_maps->cancel();
        showPair();
    } else {
        m_maps->request(static_cast<workflow::MapMethod>(layout()));
    }
}

void Explorer::showMap(const MapRunner::Map& map)
{
    if (layout() == ByFeatures)
        return;
    std::vector<QPointF> points;
    for (Eigen::Index i = 0; i < map->places.rows(); ++i)
        points.emplace_back(map->places(i, 0), map->places(i, 1));
    m_note.clear();
    if (map->rows.size() < m_data->rows())
        m_note = tr("%1 of %2 windows, evenly spread")
                     .arg(formatCount(static_cast<qint64>(map->rows.size())),
                          formatCount(static_cast<qint64>(m_data->rows())));
    const bool pca = map->method == workflow::MapMethod::Pca;
    const auto axis = [&](int number) {
        return pca ? tr("component %1, %2 of the variance").arg(number).arg(formatShare(map->shares[number - 1]))
                   : QString();
    };
    m_plot->setAxisLabels(axis(1), axis(2));
    place(map->rows, std::move(points), true);
}

void Explorer::showPair()
{
    const learn::Matrix& matrix = m_data->set.matrix;
    const int x = m_xFeature->currentIndex();
    const int y = m_yFeature->currentIndex();
    if (x < 0 || y < 0)
        return;
    std::vector<QPointF> points;
    std::vector<qsizetype> rows;
    for (std::size_t row = 0; row < matrix.rows(); ++row) {
        const auto values = matrix.row(row);
        rows.push_back(static_cast<qsizetype>(row));
        points.emplace_back(values[static_cast<std::size_t>(x)], values[static_cast<std::size_t>(y)]);
    }
    m_note.clear();
    m_plot->setAxisLabels(m_xFeature->currentText(), m_yFeature->currentText());
    place(std::move(rows), std::move(points), false);
}

void Explorer::place(std::vector<qsizetype> rows, std::vector<QPointF> points, bool equalUnits)
{
    const std::vector<std::size_t> chosenBefore = chosenRows();
    m_rows = std::move(rows);
    Colouring colouring = pointColouring();
    m_stack->setCurrentWidget(m_canvas);
    m_plot->setPoints(std::move(points), colouring.categories, colouring.categoryOf, equalUnits);
    m_legend->setCategories(std::move(colouring.categories));
    // What was chosen on one map is worth seeing on the other.
    std::vector<std::size_t> again;
    for (std::size_t point = 0; point < m_rows.size(); ++point) {
        if (std::binary_search(chosenBefore.begin(), chosenBefore.end(), static_cast<std::size_t>(m_rows[point])))
            again.push_back(point);
    }
    m_plot->choose(again);
}

Colouring Explorer::pointColouring() const
{
    Colouring all = colouringOf(*m_data, colourBy(), run());
    m_colourProblem->setText(all.problem);
    m_colourProblem->setVisible(!all.problem.isEmpty());
    if (!all.problem.isEmpty())
        all = {{{tr("windows"), {CategoryLook::Tone::Muted, 0}, static_cast<qint64>(m_rows.size()), false}},
               std::vector<int>(m_data->rows(), 0),
               {}};
    Colouring ofPoints{std::move(all.categories), {}, {}};
    for (Category& category : ofPoints.categories)
        category.count = 0;
    for (const qsizetype row : m_rows) {
        ofPoints.categoryOf.push_back(all.categoryOf[static_cast<std::size_t>(row)]);
        ++ofPoints.categories[static_cast<std::size_t>(ofPoints.categoryOf.back())].count;
    }
    return ofPoints;
}

void Explorer::colour()
{
    m_run->setVisible(colourBy() == ColourBy::Correctness && m_run->count() > 0);
    if (!m_data || m_rows.empty())
        return;
    Colouring colouring = pointColouring();
    m_plot->setCategories(colouring.categories, colouring.categoryOf);
    m_legend->setCategories(std::move(colouring.categories));
}

void Explorer::showBusy(const QString& text, double fraction)
{
    m_stack->setCurrentWidget(m_waiting);
    m_waiting->showBusy(text, fraction);
    m_chosen->clear();
}

void Explorer::showProblem(const QString& text, bool canTryAgain)
{
    m_stack->setCurrentWidget(m_waiting);
    m_waiting->showProblem(text, canTryAgain);
    m_chosen->clear();
}

void Explorer::showPoints()
{
    if (m_rows.empty() || m_maps->isRunning() || m_stack->currentWidget() == m_canvas)
        return;
    m_stack->setCurrentWidget(m_canvas);
    refreshChosen();
}

std::vector<std::size_t> Explorer::chosenRows() const
{
    std::vector<std::size_t> rows;
    for (const std::size_t point : m_plot->chosen()) {
        if (point < m_rows.size())
            rows.push_back(static_cast<std::size_t>(m_rows[point]));
    }
    return rows;
}

std::optional<std::size_t> Explorer::currentRow() const
{
    const std::optional<std::size_t> point = m_plot->current();
    if (!point || *point >= m_rows.size())
        return std::nullopt;
    return static_cast<std::size_t>(m_rows[*point]);
}

void Explorer::refreshChosen()
{
    if (m_data)
        m_chosen->show(*m_data, chosenRows(), m_note);
    Q_EMIT chosenChanged();
}

QString Explorer::readOut(std::size_t point) const
{
    const auto row = static_cast<std::size_t>(m_rows[point]);
    return QStringLiteral("%1\n%2\n%3")
        .arg(m_data->recordingNames.value(m_data->window(row).recording), m_data->timeOf(row), m_data->labelOf(row));
}

QString Explorer::csv() const
{
    QString text = csvLine({QStringLiteral("x"), QStringLiteral("y"), QStringLiteral("label"), QStringLiteral("group"),
                            QStringLiteral("recording"), QStringLiteral("begin_row"), QStringLiteral("rows")});
    for (std::size_t point = 0; point < m_rows.size(); ++point) {
        if (!m_plot->isShown(point))
            continue;
        const auto row = static_cast<std::size_t>(m_rows[point]);
        const QPointF at = m_plot->points()[point];
        text += csvLine({QString::number(at.x(), 'g', 9), QString::number(at.y(), 'g', 9), m_data->labelOf(row),
                         m_data->groupOf(row), m_data->recordingNames.value(m_data->window(row).recording),
                         QString::number(m_data->window(row).begin), QString::number(m_data->set.windows.spec.rows)});
    }
    return text;
}

QString Explorer::commandLine() const
{
    if (layout() == ByFeatures)
        return {};
    const features::Pipeline& pipeline = m_data->set.pipeline;
    return QStringLiteral("emberlab explore --project '%1' --method %2 --window %3s --stride %4s --csv map.csv")
        .arg(m_context.project.path(), workflow::mapMethodName(static_cast<workflow::MapMethod>(layout())))
        .arg(pipeline.windowRows / m_data->rate())
        .arg(pipeline.hopRows / m_data->rate());
}

} // namespace ember::gui
