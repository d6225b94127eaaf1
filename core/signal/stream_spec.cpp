// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/signal/stream_spec.h"

namespace ember::signal {

QString sampleTypeName(SampleType type)
{
    switch (type) {
    case SampleType::Int8:
        return QStringLiteral("int8");
    case SampleType::Int16:
        return QStringLiteral("int16");
    case SampleType::Int32:
        return QStringLiteral("int32");
    case SampleType::Float32:
        return QStringLiteral("float32");
    }
    return QStringLiteral("unknown");
}

} // namespace ember::signal
