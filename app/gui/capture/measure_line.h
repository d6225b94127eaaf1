// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/plot/trace_source.h"

#include <QLabel>

#include <optional>
#include <vector>

namespace ember::gui {

/// What lies between two cursors, in a line: time, the frequency of that period, and a channel's values. GUI thread.
class MeasureLine : public QLabel
{
    Q_OBJECT

public:
    explicit MeasureLine(QWidget* parent = nullptr);

    /// A click at so many seconds sets a cursor; from the third on, the nearer one is moved there.
    void click(double seconds);
    void clear();
    /// None, one or two, in the order of time.
    const std::vector<double>& cursors() const { return m_cursors; }

    /// Says what is measured; null: times alone.
    void describe(TraceSource* source, int channel);

    /// The channel's value at the row nearest to that time; empty where there is none.
    static std::optional<double> valueAt(TraceSource& source, int channel, double seconds);

private:
    std::vector<double> m_cursors;
};

} // namespace ember::gui
