// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/mixture/mixture_plugin.h"
