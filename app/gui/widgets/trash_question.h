// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <functional>

class QWidget;

namespace ember::gui {

/// Asks over `parent` whether that many discarded recordings are to go for good, and calls `confirmed` on a yes while
/// `parent` lives: what goes then cannot be taken back. Returns at once. GUI thread.
void askToEmptyTrash(QWidget* parent, qint64 recordings, std::function<void()> confirmed);

} // namespace ember::gui
