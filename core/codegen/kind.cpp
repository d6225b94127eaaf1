// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/kind.h"

#include "core/codegen/trees/tree_kind.h"

#include <array>

namespace ember::codegen {
namespace {

const ModelKind& kindFor(const LoweredForest&)
{
    return treeKind();
}

} // namespace

const ModelKind& kindOf(const LoweredModel& model)
{
    return std::visit([](const auto& body) -> const ModelKind& { return kindFor(body); }, model.body);
}

std::span<const ModelKind* const> modelKinds()
{
    static const std::array<const ModelKind*, 1> kinds = {&treeKind()};
    return kinds;
}

} // namespace ember::codegen
