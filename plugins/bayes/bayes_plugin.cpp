// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/bayes/bayes_plugin.h"
