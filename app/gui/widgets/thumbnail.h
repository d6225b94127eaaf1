// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/plot/trace_source.h"

#include <QPixmap>
#include <QSize>

class QPainter;

namespace ember::gui {

class Theme;

/// Paints all of a source's rows into `area`: the channels of its first unit, each as a filled band.
void paintThumbnail(QPainter& painter, const QRectF& area, TraceSource& source, const Theme& theme);

/// The same as a picture with a clear ground.
QPixmap thumbnail(TraceSource& source, QSize size, qreal devicePixelRatio, const Theme& theme);

} // namespace ember::gui
