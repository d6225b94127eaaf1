// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

namespace ember::gui {

/// The wheel scrolls; it changes a number or a choice only in the field that was clicked or tabbed into. Otherwise
/// scrolling over a form would quietly change what happens to pass under the mouse. To be installed on the application.
class WheelGuard : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
};

} // namespace ember::gui
