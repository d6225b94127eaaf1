// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace ember {

/// Opens the window: what `emberlab` alone and `emberlab gui OPTIONS` do. Returns the process's exit code.
int guiMain(int& argc, char** argv);

} // namespace ember
