// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/plot/correlation_map.h"

#include "app/gui/theme/contrast.h"
#include "app/gui/theme/theme_hub.h"

#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QImage>
#include <QMenu>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace ember::gui {
namespace {

constexpr double kLeastBorderedCell = 5; ///< pixels; smaller cells are no smaller for a frame around one

} // namespace

CorrelationMap::CorrelationMap(const ThemeHub& theme, QWidget* parent)
    : QWidget(parent)
    , m_theme(theme)
{
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    setWhatsThis(tr("Correlation of every two features. A click lays the windows out by the two."));
    connect(&theme, &ThemeHub::changed, this, [this] { update(); });
}

void CorrelationMap::setValues(QStringList names, std::vector<float> values)
{
    m_names = std::move(names);
    m_values = std::move(values);
    m_chosen.reset();
    update();
}

void CorrelationMap::setChosen(std::optional<QPoint> pair)
{
    m_chosen = pair;
    update();
}

QColor CorrelationMap::colourOf(float correlation) const
{
    const QColor end = correlation >= 0 ? m_theme.colours().bad : m_theme.theme().classColour(0);
    return mixed(m_theme.colours().surface, end, std::min(1.0, static_cast<double>(std::abs(correlation))));
}

QRectF CorrelationMap::areaFor(QSize size) const
{
    const double side = std::min(size.width(), size.height());
    return {0, 0, side, side};
}

QPoint CorrelationMap::placeOf(int column, int row) const
{
    const QRectF area = areaFor(size());
    const double cell = area.width() / std::max(1, count());
    return QPointF((column + 0.5) * cell, (row + 0.5) * cell).toPoint();
}

std::optional<QPoint> CorrelationMap::cellAt(const QPointF& at) const
{
    const QRectF area = areaFor(size());
    if (count() == 0 || !area.contains(at))
        return std::nullopt;
    const auto index = [&](double offset) {
        return std::clamp(static_cast<int>(offset / area.width() * count()), 0, count() - 1);
    };
    return QPoint(index(at.x()), index(at.y()));
}

void CorrelationMap::paintInto(QPainter& painter, QSize size) const
{
    const int n = count();
    if (n == 0)
        return;
    QImage image(n, n, QImage::Format_RGB32);
    for (int y = 0; y < n; ++y) {
        for (int x = 0; x < n; ++x)
            image.setPixelColor(x, y, colourOf(value(x, y)));
    }
    const QRectF area = areaFor(size);
    painter.drawImage(area, image);
    painter.setPen(QPen(m_theme.colours().line, 1));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(area.adjusted(0, 0, -1, -1));
    if (!m_chosen)
        return;
    const double cell = area.width() / n;
    const double side = std::max(cell, kLeastBorderedCell);
    const QPointF middle((m_chosen->x() + 0.5) * cell, (m_chosen->y() + 0.5) * cell);
    painter.setPen(QPen(m_theme.colours().accent, 2));
    painter.drawRect(QRectF(middle - QPointF(side / 2, side / 2), QSizeF(side, side)));
}

void CorrelationMap::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    paintInto(painter, size());
}

Exportable CorrelationMap::exportable() const
{
    Exportable source;
    source.name = QStringLiteral("correlations");
    source.paint = [this](QPainter& painter, QSize size) { paintInto(painter, size); };
    source.csv = [this] {
        QString text = csvLine(QStringList{QStringLiteral("feature")} + m_names);
        for (int y = 0; y < count(); ++y) {
            QStringList line{m_names[y]};
            for (int x = 0; x < count(); ++x)
                line << QString::number(static_cast<double>(value(x, y)), 'f', 4);
            text += csvLine(line);
        }
        return text;
    };
    return source;
}

void CorrelationMap::mousePressEvent(QMouseEvent* event)
{
    const std::optional<QPoint> cell = cellAt(event->position());
    if (event->button() != Qt::LeftButton || !cell)
        return;
    setChosen(cell);
    Q_EMIT pairChosen(cell->x(), cell->y());
}

void CorrelationMap::contextMenuEvent(QContextMenuEvent* event)
{
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    Exportable source = exportable();
    source.view = this;
    fillExportMenu(*menu, source);
    menu->popup(event->globalPos());
}

bool CorrelationMap::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    if (const auto cell = cellAt(help->pos()))
        QToolTip::showText(help->globalPos(),
                           tr("%1 and %2: r = %3")
                               .arg(m_names[cell->x()], m_names[cell->y()])
                               .arg(static_cast<double>(value(cell->x(), cell->y())), 0, 'f', 2),
                           this);
    return true;
}

} // namespace ember::gui
