// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/options.h"

#include <QByteArray>

#include <cstring>
#include <vector>

namespace ember::codegen {

/// Calls visit(pointer to the elements) for whole-number features at any address.
template <typename Visit>
void withEncodedRow(FeatureType type, const QByteArray& features, Visit visit)
{
    const auto call = [&](auto element) {
        std::vector<decltype(element)> values(static_cast<std::size_t>(features.size()) / sizeof element);
        std::memcpy(values.data(), features.constData(), values.size() * sizeof element);
        visit(static_cast<const decltype(element)*>(values.data()));
    };
    if (type == FeatureType::Int8)
        return call(qint8());
    if (type == FeatureType::Int16)
        return call(qint16());
    return call(qint32());
}

} // namespace ember::codegen
