// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/neural/neural_plugin.h"
