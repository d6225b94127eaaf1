// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/plot/trace_source.h"

#include <QPixmap>
#include <QWidget>

namespace ember::gui {

class ThemeHub;
class TimeView;

/// A whole recording in one line with the stretch that is shown below; drag moves it.
class OverviewBar : public QWidget
{
    Q_OBJECT

public:
    OverviewBar(TimeView& time, const ThemeHub& theme, QWidget* parent = nullptr);

    void setSource(std::shared_ptr<TraceSource> source);

protected:
    void paintEvent(QPaintEvent*) override;
    void resizeEvent(QResizeEvent*) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;

private:
    QRectF area() const;
    void moveTo(double x);

    TimeView& m_time;
    const ThemeHub& m_theme;
    std::shared_ptr<TraceSource> m_source;
    QPixmap m_picture; ///< null: to be drawn again
};

} // namespace ember::gui
