// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/capture/level_trigger.h"

#include <QWidget>

#include <optional>

class QComboBox;
class QDoubleSpinBox;

namespace ember::gui {

/// Holds a live picture where a channel crosses a level, as an oscilloscope does: each crossing is shown once the rows
/// behind it have come, and stays until the next. Edge and level are chosen here; GUI thread.
class ViewTrigger : public QWidget
{
    Q_OBJECT

public:
    /// Share of the picture before the crossing.
    static constexpr double kBefore = 0.25;

    explicit ViewTrigger(QWidget* parent = nullptr);

    /// Which channel of which stream is watched; null: none. The level's unit is the channel's.
    void watch(std::shared_ptr<const device::LiveBuffer> stream, int channel);
    double level() const;

    /// Looks at what has come. The row that the picture is to be held at, of pictures `length` rows long; empty while
    /// nothing has crossed for several pictures, and the view then runs free.
    std::optional<qint64> hold(qint64 length);

private:
    void start();

    std::shared_ptr<const device::LiveBuffer> m_stream;
    int m_channel = 0;
    LevelWatch m_watch;
    std::optional<qint64> m_next; ///< crossed; its rows are not all there
    std::optional<qint64> m_held; ///< shown
    QComboBox* m_edge;
    QDoubleSpinBox* m_level;
};

} // namespace ember::gui
