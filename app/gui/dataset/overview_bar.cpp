// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/dataset/overview_bar.h"

#include "app/gui/plot/time_view.h"
#include "app/gui/plot/trace_plot.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/thumbnail.h"

#include <QMouseEvent>
#include <QPainter>

namespace ember::gui {
namespace {

constexpr int kHeight = 44;
constexpr double kLeastWidth = 6;

} // namespace

OverviewBar::OverviewBar(TimeView& time, const ThemeHub& theme, QWidget* parent)
    : QWidget(parent)
    , m_time(time)
    , m_theme(theme)
{
    setFixedHeight(kHeight);
    setToolTip(tr("The whole recording; drag to move what is shown below"));
    connect(&time, &TimeView::changed, this, [this] { update(); });
    connect(&theme, &ThemeHub::changed, this, [this] {
        m_picture = {};
        update();
    });
}

void OverviewBar::setSource(std::shared_ptr<TraceSource> source)
{
    m_source = std::move(source);
    m_picture = {};
    update();
}

QRectF OverviewBar::area() const
{
    return QRectF(rect()).adjusted(TracePlot::kLeftMargin, 2, -TracePlot::kRightMargin, -2);
}

void OverviewBar::paintEvent(QPaintEvent*)
{
    const ThemeColours& c = m_theme.colours();
    const QRectF bar = area();
    if (m_picture.isNull() && m_source)
        m_picture = thumbnail(*m_source, bar.size().toSize(), devicePixelRatioF(), m_theme.theme());
    QPainter painter(this);
    painter.fillRect(bar, c.window);
    if (!m_source)
        return;
    painter.drawPixmap(bar.topLeft(), m_picture);
    const double length = m_time.highest() - m_time.lowest();
    if (length <= 0)
        return;
    QRectF shown = bar;
    shown.setLeft(bar.left() + (m_time.begin() - m_time.lowest()) / length * bar.width());
    shown.setWidth(std::max(kLeastWidth, m_time.length() / length * bar.width()));
    QColor veil = c.window;
    veil.setAlpha(170);
    painter.fillRect(QRectF(bar.topLeft(), QPointF(shown.left(), bar.bottom())), veil);
    painter.fillRect(QRectF(QPointF(shown.right(), bar.top()), bar.bottomRight()), veil);
    painter.setPen(QPen(c.accent, 1));
    painter.drawRect(shown.adjusted(0.5, 0.5, -0.5, -0.5));
}

void OverviewBar::resizeEvent(QResizeEvent*)
{
    m_picture = {};
}

void OverviewBar::mousePressEvent(QMouseEvent* event)
{
    moveTo(event->position().x());
}

void OverviewBar::mouseMoveEvent(QMouseEvent* event)
{
    moveTo(event->position().x());
}

void OverviewBar::moveTo(double x)
{
    const QRectF bar = area();
    if (bar.width() <= 0)
        return;
    const double at = m_time.lowest() + (x - bar.left()) / bar.width() * (m_time.highest() - m_time.lowest());
    m_time.setRange(at - m_time.length() / 2, at + m_time.length() / 2);
}

} // namespace ember::gui
