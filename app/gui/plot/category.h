// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QPointF>
#include <QString>

class QPainter;

namespace ember::gui {

class Theme;

/// What the points of one kind look like; resolved when they are painted, so that it follows the theme.
struct CategoryLook
{
    enum class Tone
    {
        Class, ///< the class colour `index`; beyond the last colour, another shape
        Good,
        Bad,
        Muted
    };
    Tone tone = Tone::Class;
    int index = 0;

    friend bool operator==(const CategoryLook&, const CategoryLook&) = default;
};

/// A kind of points: a label, a group, the rows that a model got wrong.
struct Category
{
    QString name;
    CategoryLook look;
    qint64 count = 0;
    bool isHidden = false;
};

QColor categoryColour(const Theme& theme, const CategoryLook& look);

/// One point of that kind, `size` pixels wide, around `centre`.
void paintCategoryPoint(QPainter& painter, const Theme& theme, const CategoryLook& look, const QPointF& centre,
                        double size);

} // namespace ember::gui
