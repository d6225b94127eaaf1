// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/models/graph_picture.h"

#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/format.h"
#include "core/base/quantity.h"

#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

#include <algorithm>

namespace ember::gui {
namespace {

constexpr int kBoxHeight = 38;
constexpr int kBoxGap = 12;
constexpr int kMargin = 8;
constexpr int kSide = 56; ///< room for curves beside the column
constexpr int kWorkBar = 4;
constexpr int kLeastWidth = 300;

QString describe(const workflow::ModelStep& step)
{
    return QObject::tr("%1 %2\nresult %3\n%4 MACs, %5 of constants")
        .arg(step.operation, step.name, step.result, formatCount(step.macs), formatBytes(step.constantBytes));
}

} // namespace

GraphPicture::GraphPicture(const ThemeHub& theme, QWidget* parent)
    : QWidget(parent)
    , m_theme(theme)
{
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Graph of the model"));
    connect(&theme, &ThemeHub::changed, this, [this] { update(); });
}

void GraphPicture::setSteps(std::vector<workflow::ModelStep> steps)
{
    m_steps = std::move(steps);
    m_most = 0;
    m_chosen = -1;
    for (const workflow::ModelStep& step : m_steps)
        m_most = std::max(m_most, step.macs);
    updateGeometry();
    update();
}

QSize GraphPicture::sizeHint() const
{
    return {kLeastWidth, 2 * kMargin + static_cast<int>(m_steps.size()) * (kBoxHeight + kBoxGap)};
}

QRect GraphPicture::boxOf(int step, int width) const
{
    return {kMargin, kMargin + step * (kBoxHeight + kBoxGap), std::max(120, width - 2 * kMargin - kSide), kBoxHeight};
}

int GraphPicture::stepAt(QPoint point) const
{
    const int step = (point.y() - kMargin) / (kBoxHeight + kBoxGap);
    return point.y() >= kMargin && step < static_cast<int>(m_steps.size()) && boxOf(step, width()).contains(point)
               ? step
               : -1;
}

void GraphPicture::choose(int step)
{
    if (step < 0 || step >= static_cast<int>(m_steps.size()) || step == m_chosen)
        return;
    m_chosen = step;
    update();
    Q_EMIT chosenChanged(step);
}

void GraphPicture::mousePressEvent(QMouseEvent* event)
{
    choose(stepAt(event->position().toPoint()));
}

void GraphPicture::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Down)
        choose(m_chosen + 1);
    else if (event->key() == Qt::Key_Up)
        choose(m_chosen - 1);
    else
        QWidget::keyPressEvent(event);
}

void GraphPicture::contextMenuEvent(QContextMenuEvent* event)
{
    QMenu menu(this);
    Exportable source = exportable();
    source.view = this;
    fillExportMenu(menu, source);
    menu.exec(event->globalPos());
}

bool GraphPicture::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int step = stepAt(help->pos());
        if (step >= 0)
            QToolTip::showText(help->globalPos(), describe(m_steps[static_cast<std::size_t>(step)]), this);
        else
            QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

void GraphPicture::paintEvent(QPaintEvent* event)
{
    QPainter painter(this);
    paintInto(painter, size(), event->rect());
    if (hasFocus() && m_chosen < 0 && !m_steps.empty()) {
        painter.setPen(m_theme.colours().accent);
        painter.drawRoundedRect(rect().adjusted(0, 0, -1, -1), m_theme.metrics().radius, m_theme.metrics().radius);
    }
}

void GraphPicture::paintInto(QPainter& painter, QSize size, QRect visible) const
{
    painter.setRenderHint(QPainter::Antialiasing);
    for (int step = 0; step < static_cast<int>(m_steps.size()); ++step)
        paintEdges(painter, step, size.width());
    for (int step = 0; step < static_cast<int>(m_steps.size()); ++step) {
        const QRect box = boxOf(step, size.width());
        if (box.adjusted(0, -kBoxGap, 0, kBoxGap).intersects(visible))
            paintStep(painter, step, box);
    }
}

// A short line from the step above; a curve at the right from one further up.
void GraphPicture::paintEdges(QPainter& painter, int step, int width) const
{
    const ThemeColours& c = m_theme.colours();
    const QRect to = boxOf(step, width);
    painter.setBrush(Qt::NoBrush);
    for (const int from : m_steps[static_cast<std::size_t>(step)].from) {
        painter.setPen(QPen(m_chosen >= 0 && (from == m_chosen || step == m_chosen) ? c.accent : c.lineStrong, 1.5));
        if (from == step - 1) {
            const int x = to.left() + 24;
            painter.drawLine(x, to.top() - kBoxGap, x, to.top());
            continue;
        }
        const QRect source = from < 0 ? QRect(to.left(), 0, to.width(), kMargin) : boxOf(from, width);
        const QPointF begin(source.right(), source.center().y() + 6);
        const QPointF end(to.right(), to.center().y() - 6);
        const double reach = std::min(static_cast<double>(kSide), 12.0 + 4.0 * (step - from));
        QPainterPath path(begin);
        path.cubicTo(begin + QPointF(reach, 0), end + QPointF(reach, 0), end);
        painter.drawPath(path);
    }
}

void GraphPicture::paintStep(QPainter& painter, int step, QRect box) const
{
    const ThemeColours& c = m_theme.colours();
    const ThemeMetrics& m = m_theme.metrics();
    const workflow::ModelStep& own = m_steps[static_cast<std::size_t>(step)];
    painter.setPen(QPen(step == m_chosen ? c.accent : c.line, step == m_chosen ? 2 : 1));
    painter.setBrush(step == m_chosen ? c.accentSoft : c.raised);
    painter.drawRoundedRect(box, m.radius, m.radius);
    const QRect inner = box.adjusted(m.s, 3, -m.s, -3 - kWorkBar);
    const QFont name = m_theme.theme().font(TypeSize::Small, QFont::DemiBold);
    const QFont small = m_theme.theme().font(TypeSize::Small);
    const QString work = own.macs > 0 ? QObject::tr("%1 MACs").arg(formatCount(own.macs)) : QString();
    const int right = QFontMetrics(small).horizontalAdvance(work) + m.s;
    painter.setFont(name);
    painter.setPen(c.text);
    const int nameWidth = QFontMetrics(name).horizontalAdvance(own.operation) + m.s;
    painter.drawText(inner, Qt::AlignLeft | Qt::AlignVCenter, own.operation);
    painter.setFont(small);
    painter.setPen(c.muted);
    painter.drawText(inner, Qt::AlignRight | Qt::AlignVCenter, work);
    const QRect middle = inner.adjusted(nameWidth, 0, -right, 0);
    painter.drawText(middle, Qt::AlignLeft | Qt::AlignVCenter,
                     QFontMetrics(small).elidedText(own.result, Qt::ElideRight, std::max(0, middle.width())));
    if (m_most <= 0 || own.macs <= 0)
        return;
    const double share = static_cast<double>(own.macs) / static_cast<double>(m_most);
    const QRectF bar(box.left() + m.s, box.bottom() - kWorkBar - 2, (box.width() - 2.0 * m.s) * share, kWorkBar);
    painter.setPen(Qt::NoPen);
    painter.setBrush(c.accent);
    painter.drawRoundedRect(bar, kWorkBar / 2.0, kWorkBar / 2.0);
}

Exportable GraphPicture::exportable() const
{
    Exportable source;
    source.name = QStringLiteral("graph");
    source.paint = [this](QPainter& painter, QSize size) { paintInto(painter, size, QRect(QPoint(), size)); };
    source.csv = [this] {
        QString text = csvLine({QStringLiteral("step"), QStringLiteral("operation"), QStringLiteral("result"),
                                QStringLiteral("macs"), QStringLiteral("constant_bytes")});
        for (const workflow::ModelStep& step : m_steps)
            text += csvLine({step.name, step.operation, step.result, QString::number(step.macs),
                             QString::number(step.constantBytes)});
        return text;
    };
    return source;
}

} // namespace ember::gui
