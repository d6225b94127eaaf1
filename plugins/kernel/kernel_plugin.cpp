// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/kernel/kernel_plugin.h"
