// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/line_reader.h"

namespace ember::formats {

char terminatorOf(QByteArrayView bytes)
{
    return !bytes.contains('\n') && bytes.contains('\r') ? '\r' : '\n';
}

} // namespace ember::formats
