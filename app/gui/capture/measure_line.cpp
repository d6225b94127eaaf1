// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/capture/measure_line.h"

#include "core/base/quantity.h"

#include <algorithm>
#include <cmath>

namespace ember::gui {
namespace {

/// Time between two points of a trace, which may be microseconds.
QString timeText(double seconds)
{
    if (seconds < 1e-3)
        return QStringLiteral("%1 µs").arg(seconds * 1e6, 0, 'f', 1);
    return seconds < 1 ? QStringLiteral("%1 ms").arg(seconds * 1e3, 0, 'f', 2)
                       : QStringLiteral("%1 s").arg(seconds, 0, 'f', 4);
}

QString valueText(double value)
{
    return QString::number(value, 'g', 5);
}

} // namespace

MeasureLine::MeasureLine(QWidget* parent)
    : QLabel(parent)
{
    setObjectName(QStringLiteral("measured"));
    setTextFormat(Qt::PlainText);
    setTextInteractionFlags(Qt::TextSelectableByMouse);
    setFocusPolicy(Qt::NoFocus); // keys are the page's
    describe(nullptr, 0);
}

void MeasureLine::click(double seconds)
{
    if (m_cursors.size() < 2) {
        m_cursors.push_back(seconds);
    } else {
        const bool first = std::abs(seconds - m_cursors[0]) <= std::abs(seconds - m_cursors[1]);
        m_cursors[first ? 0 : 1] = seconds;
    }
    std::sort(m_cursors.begin(), m_cursors.end());
}

void MeasureLine::clear()
{
    m_cursors.clear();
}

std::optional<double> MeasureLine::valueAt(TraceSource& source, int channel, double seconds)
{
    const auto row = std::llround((seconds - source.beginSeconds()) * source.rate());
    if (row < source.firstRow() || row >= source.endRow())
        return {};
    const device::Envelope at = source.envelope(channel, row, row + 1, 1);
    if (at.least.empty() || std::isnan(at.least.front()))
        return {};
    return static_cast<double>(at.least.front());
}

void MeasureLine::describe(TraceSource* source, int channel)
{
    if (m_cursors.empty()) {
        setText(tr("Click into the traces to set a cursor, and again for the second one."));
        return;
    }
    QStringList parts;
    if (m_cursors.size() == 1) {
        parts << timeText(m_cursors[0]);
    } else {
        const double between = m_cursors[1] - m_cursors[0];
        parts << tr("Δt %1").arg(timeText(between));
        if (between > 0)
            parts << tr("%1 Hz").arg(QString::number(1 / between, 'g', 5));
    }
    const bool known = source && channel >= 0 && channel < static_cast<int>(source->spec().channels.size());
    if (known) {
        const signal::Channel& about = source->spec().channels[static_cast<std::size_t>(channel)];
        const QString unit = about.unit.isEmpty() ? QString() : QLatin1Char(' ') + formatUnit(about.unit);
        std::vector<std::optional<double>> values;
        for (const double seconds : m_cursors)
            values.push_back(valueAt(*source, channel, seconds));
        if (values.size() == 1 && values[0])
            parts << tr("%1 %2%3").arg(about.name, valueText(*values[0]), unit);
        else if (values.size() == 2 && values[0] && values[1])
            parts << tr("%1 %2 → %3%4, Δ %5%4")
                         .arg(about.name, valueText(*values[0]), valueText(*values[1]), unit,
                              valueText(*values[1] - *values[0]));
        else
            parts << tr("%1 has no value there").arg(about.name);
    }
    if (m_cursors.size() == 1)
        parts << tr("click for the second cursor");
    setText(parts.join(QStringLiteral("  ·  ")));
}

} // namespace ember::gui
