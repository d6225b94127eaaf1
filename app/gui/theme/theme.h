// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QBrush>
#include <QColor>
#include <QFont>
#include <QList>
#include <QMap>
#include <QPalette>
#include <QPen>
#include <QString>

namespace ember::gui {

/// The colour tokens of a theme file; one for each key of its "colours".
struct ThemeColours
{
    QColor window, surface, raised; ///< the three grounds, from back to front
    QColor line, lineStrong;        ///< separators; borders of controls
    QColor hover, pressed;          ///< ground of a quiet control under the mouse
    QColor text, muted, disabled;
    QColor accent, accentHover, accentPressed; ///< one action a page, focus ring, selection
    QColor accentSoft, onAccent;               ///< ground of a selection; text on accent
    QColor good, goodSoft, warn, warnSoft, bad, badSoft;
    QColor plot, plotGrid, plotAxis;
    QColor share; ///< full share in a confusion matrix
    QColor shadow;
};

/// Sizes in device-independent pixels, times in milliseconds; the same for every theme.
struct ThemeMetrics
{
    int xs = 0, s = 0, m = 0, l = 0, xl = 0; ///< the spacing scale
    int radius = 0;
    int control = 0, controlMain = 0; ///< heights
    int icon = 0;
    int caption = 0, small = 0, body = 0, section = 0, title = 0, winner = 0, display = 0; ///< type sizes
    int railWide = 0, railNarrow = 0;
    int topBar = 0, strip = 0;
    double traceWidth = 0;
    int motionMs = 0;
    int toastMs = 0;
};

enum class TypeSize
{
    Caption,
    Small,
    Body,
    Section,
    Title,
    Display
};

/// Everything that decides how the program looks: read from resources/themes, nowhere else is a colour or size written.
/// A value; cheap enough to copy at a theme change.
class Theme
{
public:
    /// Reads <name>.json, metrics.json and style.qss from the themes folder. Errors: NotFound; BadData with the key.
    static Result<Theme> load(const QString& name);

    const QString& name() const { return m_name; }
    bool isDark() const { return m_dark; }
    const ThemeColours& colours() const { return m_colours; }
    const ThemeMetrics& metrics() const { return m_metrics; }

    /// Colour of trace `index` within one plot lane; repeats after the last.
    QColor trace(int index) const;
    QPen tracePen(int index) const;

    /// Colours of a heat map from the least to the most, evenly spaced (viridis).
    const QList<QColor>& heat() const { return m_heat; }

    /// Colour of the class with that colour index: the Okabe-Ito set; classBrush repeats it with a pattern.
    QColor classColour(int index) const;
    QBrush classBrush(int index) const;
    int classColourCount() const { return static_cast<int>(m_classes.size()); }

    /// Ground of a confusion cell that holds `share` (0..1) of its row.
    QColor shareColour(double share) const;

    QFont font(TypeSize size, QFont::Weight weight = QFont::Normal) const;
    int pixels(TypeSize size) const;

    QPalette palette() const;
    /// `images` are files for the few arrows and ticks that a style sheet can only take as files, by name ("down").
    QString styleSheet(const QMap<QString, QString>& images) const;

private:
    QString m_name;
    bool m_dark = false;
    ThemeColours m_colours;
    ThemeMetrics m_metrics;
    QList<QColor> m_traces;
    QList<QColor> m_heat;
    QList<QColor> m_classes;
    QString m_styleTemplate;
};

} // namespace ember::gui
