// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/footprint/cost.h"

#include <QWidget>

class QPainter;

namespace ember::gui {

class ThemeHub;

/// What the ring beside a cost says: hollow estimated, half emulated, full measured.
QString sourceExplanation(footprint::CostSource source);

/// Paints the ring of that source into `area`.
void paintSourceMark(QPainter& painter, const QRectF& area, footprint::CostSource source, const QColor& colour);

/// The ring as a widget, with the explanation as its tool tip.
class SourceMark : public QWidget
{
    Q_OBJECT

public:
    SourceMark(footprint::CostSource source, const ThemeHub& theme, QWidget* parent = nullptr);

    void setSource(footprint::CostSource source);
    QSize sizeHint() const override { return {12, 12}; }

protected:
    void paintEvent(QPaintEvent*) override;

private:
    footprint::CostSource m_source;
    const ThemeHub& m_theme;
};

} // namespace ember::gui
