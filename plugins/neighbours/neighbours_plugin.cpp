// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/neighbours/neighbours_plugin.h"
