// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/device/flasher.h"

#include <QByteArray>

#include <functional>

namespace ember::device {

/// Reads what avrdude 7 writes to its standard error, as it comes: its progress bars become events. Fed with any
/// pieces.
class AvrdudeProgress
{
public:
    /// `total`: bytes of the image, which the events count in.
    AvrdudeProgress(qint64 total, std::function<void(const FlashEvent&)> sink);
    void feed(const QByteArray& bytes);

private:
    void line();
    void mark();

    qint64 m_total;
    std::function<void(const FlashEvent&)> m_sink;
    QByteArray m_line;
    FlashEvent::Stage m_stage = FlashEvent::Stage::Check;
    int m_marks = 0;
    bool m_inBar = false;
};

/// Why avrdude failed, from what it said: the port is missing, locked or forbidden, nobody answers, another chip, flash
/// that differs; else its own last words. With what to do next.
Error avrdudeError(const QByteArray& said, const QString& port, const QString& boardName);

} // namespace ember::device
