// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/random.h"

namespace ember::common {

using ember::Random;

} // namespace ember::common
