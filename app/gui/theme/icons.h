// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QColor>
#include <QIcon>
#include <QPixmap>
#include <QSizeF>
#include <QString>

namespace ember::gui {

/// Which colour of the palette an icon takes; chosen when it is painted, so icons follow a change of theme.
enum class IconTone
{
    Text, ///< as the text beside it
    Muted,
    Accent,
    OnAccent, ///< on the page's main button
    Good,
    Warn,
    Bad,
};

/// The line icon resources/icons/<name>.svg, drawn sharp at any size and scale in place of "currentColor". Checked
/// states take the accent. An icon that is missing is an empty frame, so that the gap is seen.
QIcon icon(const QString& name, IconTone tone = IconTone::Text);

/// The source of an icon with its colour filled in. Errors: NotFound, Io.
Result<QByteArray> iconSource(const QString& name, const QColor& colour);

/// The icon drawn in one colour, `size` device-independent pixels square.
QPixmap iconPixmap(const QString& name, const QColor& colour, int size, qreal devicePixelRatio);

} // namespace ember::gui
