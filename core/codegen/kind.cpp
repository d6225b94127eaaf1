// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/kind.h"

#include "core/codegen/classic/gaussian_kind.h"
#include "core/codegen/classic/linear_kind.h"
#include "core/codegen/classic/neighbours_kind.h"
#include "core/codegen/classic/program_kind.h"
#include "core/codegen/classic/support_kind.h"
#include "core/codegen/network/network_kind.h"
#include "core/codegen/trees/tree_kind.h"

#include <array>

namespace ember::codegen {
namespace {

const ModelKind& kindFor(const LoweredForest&)
{
    return treeKind();
}

const ModelKind& kindFor(const LoweredNetwork&)
{
    return networkKind();
}

const ModelKind& kindFor(const LoweredProgram&)
{
    return programKind();
}

const ModelKind& kindFor(const LoweredGaussian&)
{
    return gaussianKind();
}

const ModelKind& kindFor(const LoweredSupport&)
{
    return supportKind();
}

const ModelKind& kindFor(const LoweredLinear&)
{
    return linearKind();
}

const ModelKind& kindFor(const LoweredNeighbours&)
{
    return neighboursKind();
}

} // namespace

const ModelKind& kindOf(const LoweredModel& model)
{
    return std::visit([](const auto& body) -> const ModelKind& { return kindFor(body); }, model.body);
}

std::span<const ModelKind* const> modelKinds()
{
    static const std::array<const ModelKind*, 3> kinds = {&treeKind(), &networkKind(), &programKind()};
    return kinds;
}

} // namespace ember::codegen
