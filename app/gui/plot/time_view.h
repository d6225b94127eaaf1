// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

class QWheelEvent;

namespace ember::gui {

/// The stretch of time that several views show together, in seconds. Everything that zooms or pans asks this;
/// everything that draws follows changed(). Never leaves the limits. GUI thread.
class TimeView : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    double begin() const { return m_begin; }
    double end() const { return m_end; }
    double length() const { return m_end - m_begin; }
    double lowest() const { return m_lowest; }
    double highest() const { return m_highest; }

    /// What there is to see, and the shortest stretch worth looking at. Fits when nothing was shown before.
    void setLimits(double lowest, double highest, double shortest);
    void setRange(double begin, double end);
    /// Makes the stretch `factor` times as long around `at`, which stays where it is.
    void zoom(double at, double factor);
    /// Moves by a share of the stretch.
    void pan(double share);
    void fit();
    /// What the wheel means over every plot: zoom at the mouse, which is at `at` seconds; with Shift, move.
    void wheel(const QWheelEvent& event, double at);
    bool isFitted() const;

Q_SIGNALS:
    void changed();

private:
    double m_lowest = 0;
    double m_highest = 1;
    double m_shortest = 1e-3;
    double m_begin = 0;
    double m_end = 1;
    bool m_hasLimits = false;
};

} // namespace ember::gui
