// SPDX-License-Identifier: MIT-0
#include "model_port.hpp"

namespace ember {
namespace agent {

const ModelDescriptor* deployedModel()
{
    return nullptr;
}

} // namespace agent
} // namespace ember
