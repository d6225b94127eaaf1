// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/model/graph.h"

#include <string>

namespace ember::codegen {

/// A network without what stands behind its integers: outputs as reals (the generated code gives the integers and their
/// scale), the choice of a class and its label.
struct NetworkCore
{
    model::Model model; ///< its outputs are `output`, then `compared` if that is another one
    std::string output;
    std::string compared; ///< the value whose largest element is the class; empty: the network chooses none
};

/// Errors: Unsupported for a network of several inputs or outputs, or with an end that is neither integers, their reals
/// nor the label of the largest of them; for labels that are not those of the model's classes, in order.
Result<NetworkCore> networkCore(const model::Model& model);

} // namespace ember::codegen
