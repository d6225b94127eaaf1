// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/plot/category.h"

#include "app/gui/theme/theme.h"

#include <QPainter>
#include <QPolygonF>

namespace ember::gui {

QColor categoryColour(const Theme& theme, const CategoryLook& look)
{
    switch (look.tone) {
    case CategoryLook::Tone::Good:
        return theme.colours().good;
    case CategoryLook::Tone::Bad:
        return theme.colours().bad;
    case CategoryLook::Tone::Muted:
        return theme.colours().disabled;
    case CategoryLook::Tone::Class:
        break;
    }
    return theme.classColour(look.index);
}

void paintCategoryPoint(QPainter& painter, const Theme& theme, const CategoryLook& look, const QPointF& centre,
                        double size)
{
    painter.setPen(Qt::NoPen);
    painter.setBrush(categoryColour(theme, look));
    const double half = size / 2;
    const bool isClass = look.tone == CategoryLook::Tone::Class && theme.classColourCount() > 0;
    switch (isClass ? look.index / theme.classColourCount() % 3 : 0) {
    case 1:
        painter.drawRect(QRectF(centre.x() - half, centre.y() - half, size, size));
        break;
    case 2:
        painter.drawPolygon(
            QPolygonF{centre + QPointF(-half, half), centre + QPointF(half, half), centre + QPointF(0, -half)});
        break;
    default:
        painter.drawEllipse(centre, half, half);
    }
}

} // namespace ember::gui
