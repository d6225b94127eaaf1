// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/plot/time_view.h"

#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace ember::gui {
namespace {

constexpr double kTimeZoomStep = 1.2; ///< per notch of the wheel
constexpr double kPanShare = 0.1;     ///< of the view per notch
constexpr double kNotch = 120.0;

} // namespace

void TimeView::setLimits(double lowest, double highest, double shortest)
{
    const bool wasFitted = !m_hasLimits || isFitted();
    m_lowest = lowest;
    m_highest = std::max(highest, lowest + shortest);
    m_shortest = shortest;
    m_hasLimits = true;
    if (wasFitted)
        fit();
    else
        setRange(m_begin, m_end);
}

void TimeView::setRange(double begin, double end)
{
    const double length = std::clamp(end - begin, m_shortest, m_highest - m_lowest);
    const double from = std::clamp(begin, m_lowest, m_highest - length);
    if (from == m_begin && from + length == m_end)
        return;
    m_begin = from;
    m_end = from + length;
    Q_EMIT changed();
}

void TimeView::zoom(double at, double factor)
{
    const double length = std::clamp(this->length() * factor, m_shortest, m_highest - m_lowest);
    const double place = (at - m_begin) / this->length();
    const double from = at - place * length;
    setRange(from, from + length);
}

void TimeView::pan(double share)
{
    const double length = this->length();
    const double from = std::clamp(m_begin + share * length, m_lowest, m_highest - length);
    setRange(from, from + length);
}

void TimeView::fit()
{
    setRange(m_lowest, m_highest);
}

void TimeView::wheel(const QWheelEvent& event, double at)
{
    // Shift turns a vertical wheel into a horizontal one on some platforms.
    const QPoint angle = event.angleDelta();
    const double notches = (angle.y() != 0 ? angle.y() : angle.x()) / kNotch;
    if (event.modifiers() & Qt::ShiftModifier)
        pan(-notches * kPanShare);
    else
        zoom(at, std::pow(kTimeZoomStep, -notches));
}

bool TimeView::isFitted() const
{
    return m_begin == m_lowest && m_end == m_highest;
}

} // namespace ember::gui
