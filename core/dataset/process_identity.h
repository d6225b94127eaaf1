// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace ember::dataset {

/// Names this process so that another one can tell later whether it still runs, even when its number was given out
/// again or the machine was restarted.
QString thisProcessIdentity();

/// Whether the process of that name runs on this machine.
bool processRuns(const QString& identity);

} // namespace ember::dataset
