// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/linear/linear_plugin.h"
