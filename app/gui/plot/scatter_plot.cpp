// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/plot/scatter_plot.h"

#include "app/gui/theme/theme_hub.h"

#include <QApplication>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ember::gui {
namespace {

constexpr double kReach = 10; ///< pixels around the mouse
constexpr double kZoomStep = 1.2;
constexpr double kRing = 7; ///< radius
constexpr double kMargin = 0.05;
constexpr double kLeastOutlineStep = 3; ///< pixels between points of a lasso
constexpr double kTextGap = 12;

QCPRange widened(double low, double high, double margin)
{
    const double length = high > low ? high - low : 1.0;
    return {low - margin * length, high + margin * length};
}

void lengthen(QCPAxis* axis, double length)
{
    const QCPRange range = axis->range();
    if (range.size() < length)
        axis->setRange(range.center() - length / 2, range.center() + length / 2);
}

} // namespace

ScatterPlot::ScatterPlot(const ThemeHub& theme, QWidget* parent)
    : ThemedPlot(theme, parent)
    , m_cloud(new PointCloud(xAxis, yAxis, theme))
{
    setExportName(QStringLiteral("explorer"));
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setMinimumSize(160, 120);
    setWhatsThis(tr("Each point is a window. Drag around points to choose them; a double click opens one on the "
                    "timeline."));
    // A layer with a buffer of its own: what follows the mouse is drawn without the points.
    addLayer(QStringLiteral("over"), layer(QStringLiteral("overlay")), QCustomPlot::limAbove);
    QCPLayer* over = layer(QStringLiteral("over"));
    over->setMode(QCPLayer::lmBuffered);
    m_hoverRing = new QCPItemEllipse(this);
    m_currentRing = new QCPItemEllipse(this);
    m_text = new QCPItemText(this);
    m_outlineCurve = new QCPCurve(xAxis, yAxis);
    for (QCPAbstractItem* item : std::initializer_list<QCPAbstractItem*>{m_hoverRing, m_currentRing, m_text}) {
        item->setLayer(over);
        item->setVisible(false);
        item->setSelectable(false);
    }
    for (QCPItemEllipse* ring : {m_hoverRing, m_currentRing}) {
        ring->topLeft->setType(QCPItemPosition::ptAbsolute);
        ring->bottomRight->setType(QCPItemPosition::ptAbsolute);
    }
    m_text->position->setType(QCPItemPosition::ptAbsolute);
    m_text->setTextAlignment(Qt::AlignLeft);
    m_text->setPadding(QMargins(6, 4, 6, 4));
    m_text->setClipToAxisRect(false);
    m_outlineCurve->setLayer(over);
    applyTheme();
}

void ScatterPlot::applyTheme()
{
    ThemedPlot::applyTheme();
    const ThemeColours& c = theme().colours();
    m_hoverRing->setPen(QPen(c.text, 1.5));
    m_currentRing->setPen(QPen(c.accent, 2));
    m_text->setFont(theme().theme().font(TypeSize::Small));
    m_text->setColor(c.text);
    m_text->setBrush(c.raised);
    m_text->setPen(QPen(c.lineStrong, 1));
    m_outlineCurve->setPen(QPen(c.accent, 1.5, Qt::DashLine));
    QColor ground = c.accent;
    ground.setAlphaF(0.1f);
    m_outlineCurve->setBrush(ground);
    for (QCPAxis* axis : {xAxis, yAxis}) {
        axis->setBasePen(QPen(c.plotAxis, 1));
        axis->setNumberFormat(QStringLiteral("gb"));
        axis->setNumberPrecision(4);
    }
}

void ScatterPlot::setPoints(std::vector<QPointF> points, std::vector<Category> categories, std::vector<int> categoryOf,
                            bool equalUnits)
{
    m_index = PointIndex(points);
    m_cloud->setPoints(std::move(points), categoryOf);
    m_cloud->setCategories(std::move(categories), std::move(categoryOf));
    m_equalUnits = equalUnits;
    m_hovered.reset();
    m_current.reset();
    fit();
    Q_EMIT chosenChanged();
    Q_EMIT currentChanged();
}

void ScatterPlot::setCategories(std::vector<Category> categories, std::vector<int> categoryOf)
{
    m_cloud->setCategories(std::move(categories), std::move(categoryOf));
    drawMarks();
    replot(QCustomPlot::rpQueuedReplot);
    Q_EMIT chosenChanged();
}

void ScatterPlot::setHidden(int category, bool hidden)
{
    m_cloud->setHidden(category, hidden);
    drawMarks();
    replot(QCustomPlot::rpQueuedReplot);
    Q_EMIT chosenChanged(); // what is hidden is not chosen
}

void ScatterPlot::setAxisLabels(const QString& x, const QString& y)
{
    xAxis->setLabel(x);
    yAxis->setLabel(y);
    // Where an axis has no name its numbers say nothing either.
    xAxis->setTickLabels(!x.isEmpty());
    yAxis->setTickLabels(!y.isEmpty());
    replot(QCustomPlot::rpQueuedReplot);
}

std::vector<std::size_t> ScatterPlot::chosen() const
{
    std::vector<std::size_t> found;
    const std::vector<char>& flags = m_cloud->chosen();
    for (std::size_t i = 0; i < flags.size(); ++i) {
        if (flags[i] && m_cloud->isShown(i))
            found.push_back(i);
    }
    return found;
}

void ScatterPlot::choose(const std::vector<std::size_t>& chosenPoints)
{
    std::vector<char> flags;
    if (!chosenPoints.empty()) {
        flags.resize(m_cloud->points().size(), 0);
        for (const std::size_t i : chosenPoints)
            flags[i] = 1;
    }
    m_cloud->setChosen(std::move(flags));
    replot(QCustomPlot::rpQueuedReplot);
    Q_EMIT chosenChanged();
}

void ScatterPlot::take(const std::vector<std::size_t>& taken, bool add)
{
    std::vector<std::size_t> all = taken;
    if (add) {
        const std::vector<std::size_t> before = chosen();
        all.insert(all.end(), before.begin(), before.end());
    }
    choose(all);
}

void ScatterPlot::setCurrent(std::optional<std::size_t> point)
{
    m_current = point;
    drawMarks();
    redrawOverlay();
    Q_EMIT currentChanged();
}

QPointF ScatterPlot::pixelOf(std::size_t point) const
{
    const QPointF& at = m_cloud->points()[point];
    return {xAxis->coordToPixel(at.x()), yAxis->coordToPixel(at.y())};
}

void ScatterPlot::fit()
{
    const QRectF bounds = m_index.bounds();
    xAxis->setRange(widened(bounds.left(), bounds.right(), kMargin));
    yAxis->setRange(widened(bounds.top(), bounds.bottom(), kMargin));
    const QRect area = axisRect()->rect();
    if (m_equalUnits && area.width() > 0 && area.height() > 0) {
        const double unit = std::max(xAxis->range().size() / area.width(), yAxis->range().size() / area.height());
        lengthen(xAxis, unit * area.width());
        lengthen(yAxis, unit * area.height());
    }
    m_fitted = true;
    drawMarks();
    replot(QCustomPlot::rpQueuedReplot);
}

std::optional<std::size_t> ScatterPlot::pointAt(const QPointF& pixel) const
{
    const QRect area = axisRect()->rect();
    if (!area.contains(pixel.toPoint()))
        return std::nullopt;
    return m_index.nearest({xAxis->pixelToCoord(pixel.x()), yAxis->pixelToCoord(pixel.y())},
                           area.width() / xAxis->range().size(), area.height() / yAxis->range().size(), kReach,
                           [this](std::size_t i) { return m_cloud->isShown(i); });
}

void ScatterPlot::mark(QCPItemEllipse* ring, std::optional<std::size_t> point)
{
    const bool shown = point && m_cloud->isShown(*point);
    ring->setVisible(shown);
    if (!shown)
        return;
    const QPointF at = pixelOf(*point);
    ring->topLeft->setPixelPosition(at - QPointF(kRing, kRing));
    ring->bottomRight->setPixelPosition(at + QPointF(kRing, kRing));
}

void ScatterPlot::drawMarks()
{
    mark(m_currentRing, m_current);
    mark(m_hoverRing, m_hovered);
    const std::optional<std::size_t> told = m_hovered ? m_hovered : hasFocus() ? m_current : std::nullopt;
    const bool shown = told && m_readOut && m_cloud->isShown(*told);
    m_text->setVisible(shown);
    if (!shown)
        return;
    const QPointF at = pixelOf(*told);
    const QRect area = axisRect()->rect();
    const bool left = at.x() > area.center().x();
    const bool below = at.y() < area.center().y();
    m_text->setText(m_readOut(*told));
    m_text->setPositionAlignment((left ? Qt::AlignRight : Qt::AlignLeft) | (below ? Qt::AlignTop : Qt::AlignBottom));
    m_text->position->setPixelPosition(at + QPointF(left ? -kTextGap : kTextGap, below ? kTextGap : -kTextGap));
}

void ScatterPlot::redrawOverlay()
{
    layer(QStringLiteral("over"))->replot();
}

void ScatterPlot::hover(const QPointF& pixel)
{
    const std::optional<std::size_t> found = pointAt(pixel);
    if (found == m_hovered)
        return;
    m_hovered = found;
    drawMarks();
    redrawOverlay();
}

void ScatterPlot::leaveEvent(QEvent* event)
{
    ThemedPlot::leaveEvent(event);
    if (m_hovered) {
        m_hovered.reset();
        drawMarks();
        redrawOverlay();
    }
}

void ScatterPlot::mousePressEvent(QMouseEvent* event)
{
    m_pressedAt = m_lastAt = event->position();
    const QRect area = axisRect()->rect();
    if (event->button() == Qt::MiddleButton) {
        m_drag = Drag::Pan;
    } else if (event->button() == Qt::LeftButton) {
        m_drag = event->position().x() < area.left()     ? Drag::ScaleY
                 : event->position().y() > area.bottom() ? Drag::ScaleX
                                                         : Drag::Pressed;
        m_adds = event->modifiers().testFlag(Qt::ControlModifier);
        m_outline = {event->position()};
    }
}

void ScatterPlot::mouseMoveEvent(QMouseEvent* event)
{
    const QPointF at = event->position();
    const QPointF moved = at - m_lastAt;
    if (m_drag == Drag::Pressed && (at - m_pressedAt).manhattanLength() >= QApplication::startDragDistance())
        m_drag = Drag::Outline;
    switch (m_drag) {
    case Drag::None:
        hover(at);
        break;
    case Drag::Pressed:
        break;
    case Drag::Outline:
        growOutline(at);
        break;
    case Drag::Pan:
        xAxis->moveRange(-moved.x() * xAxis->range().size() / axisRect()->width());
        yAxis->moveRange(moved.y() * yAxis->range().size() / axisRect()->height());
        break;
    case Drag::ScaleX:
        scale(xAxis, axisRect()->rect().center(), std::pow(kZoomStep, -moved.x() / 20));
        break;
    case Drag::ScaleY:
        scale(yAxis, axisRect()->rect().center(), std::pow(kZoomStep, moved.y() / 20));
        break;
    }
    m_lastAt = at;
    if (m_drag == Drag::Pan || m_drag == Drag::ScaleX || m_drag == Drag::ScaleY) {
        m_fitted = false;
        drawMarks();
        replot(QCustomPlot::rpQueuedReplot);
    }
}

void ScatterPlot::mouseReleaseEvent(QMouseEvent* event)
{
    const Drag drag = m_drag;
    m_drag = Drag::None;
    if (drag == Drag::Outline) {
        growOutline(event->position());
        const std::vector<std::size_t> inside = insideOutline();
        m_outline.clear();
        m_outlineCurve->data()->clear();
        redrawOverlay();
        take(inside, m_adds);
    } else if (drag == Drag::Pressed) {
        const std::optional<std::size_t> point = pointAt(event->position());
        setCurrent(point);
        take(point ? std::vector<std::size_t>{*point} : std::vector<std::size_t>{}, m_adds);
    }
}

void ScatterPlot::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton)
        return;
    m_drag = Drag::None;
    if (const auto point = pointAt(event->position()))
        Q_EMIT opened(*point);
    else
        fit();
}

void ScatterPlot::growOutline(const QPointF& pixel)
{
    if (m_tool == Tool::Rectangle)
        m_outline = QPolygonF(QRectF(m_pressedAt, pixel).normalized());
    else if (m_outline.isEmpty() || (pixel - m_outline.last()).manhattanLength() >= kLeastOutlineStep)
        m_outline << pixel;
    QVector<double> x, y;
    for (const QPointF& corner : m_outline) {
        x << xAxis->pixelToCoord(corner.x());
        y << yAxis->pixelToCoord(corner.y());
    }
    if (!m_outline.isEmpty()) {
        x << x.first();
        y << y.first();
    }
    m_outlineCurve->setData(x, y);
    redrawOverlay();
}

std::vector<std::size_t> ScatterPlot::insideOutline() const
{
    const QRectF box = m_outline.boundingRect();
    const QPointF first(xAxis->pixelToCoord(box.left()), yAxis->pixelToCoord(box.bottom()));
    const QPointF last(xAxis->pixelToCoord(box.right()), yAxis->pixelToCoord(box.top()));
    std::vector<std::size_t> inside = m_index.within(QRectF(first, last).normalized());
    std::erase_if(inside, [this](std::size_t i) {
        return !m_cloud->isShown(i) || !m_outline.containsPoint(pixelOf(i), Qt::OddEvenFill);
    });
    return inside;
}

void ScatterPlot::scale(QCPAxis* axis, const QPointF& pixel, double factor)
{
    axis->scaleRange(factor, axis->pixelToCoord(axis->orientation() == Qt::Horizontal ? pixel.x() : pixel.y()));
}

void ScatterPlot::wheelEvent(QWheelEvent* event)
{
    const QPoint turned = event->angleDelta();
    const double steps = (turned.y() != 0 ? turned.y() : turned.x()) / 120.0;
    if (event->modifiers().testFlag(Qt::ShiftModifier)) {
        xAxis->moveRange(-0.1 * steps * xAxis->range().size());
    } else {
        const QRect area = axisRect()->rect();
        const double factor = std::pow(kZoomStep, -steps);
        if (event->position().x() >= area.left())
            scale(xAxis, event->position(), factor);
        if (event->position().y() <= area.bottom())
            scale(yAxis, event->position(), factor);
    }
    m_fitted = false;
    drawMarks();
    replot(QCustomPlot::rpQueuedReplot);
    event->accept();
}

void ScatterPlot::step(const QPointF& direction)
{
    const std::vector<QPointF>& all = m_cloud->points();
    const QPointF from = m_current ? pixelOf(*m_current) : QPointF(axisRect()->rect().center());
    std::optional<std::size_t> best;
    double least = INFINITY;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!m_cloud->isShown(i) || (m_current && i == *m_current))
            continue;
        const QPointF away = pixelOf(i) - from;
        const double along = QPointF::dotProduct(away, direction);
        const double beside = std::abs(away.x() * direction.y() - away.y() * direction.x());
        const double cost = m_current ? along + 2 * beside : std::hypot(away.x(), away.y());
        // Without a current point any is a beginning.
        if ((along > 0.5 || !m_current) && cost < least) {
            least = cost;
            best = i;
        }
    }
    if (best)
        setCurrent(best);
}

void ScatterPlot::keyPressEvent(QKeyEvent* event)
{
    switch (event->key()) {
    case Qt::Key_Left:
        return step({-1, 0});
    case Qt::Key_Right:
        return step({1, 0});
    case Qt::Key_Up:
        return step({0, -1});
    case Qt::Key_Down:
        return step({0, 1});
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (m_current)
            Q_EMIT opened(*m_current);
        return;
    case Qt::Key_Escape:
        return choose({});
    case Qt::Key_F:
        return fit();
    case Qt::Key_A:
        if (event->modifiers() == Qt::ControlModifier) {
            std::vector<std::size_t> all(m_cloud->points().size());
            std::iota(all.begin(), all.end(), std::size_t{0});
            return choose(all);
        }
        break;
    default:
        break;
    }
    ThemedPlot::keyPressEvent(event);
}

void ScatterPlot::resizeEvent(QResizeEvent* event)
{
    ThemedPlot::resizeEvent(event);
    if (m_fitted)
        fit();
    else
        drawMarks();
}

} // namespace ember::gui
