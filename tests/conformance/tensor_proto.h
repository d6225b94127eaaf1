// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/conformance/case.h"

namespace ember::conformance {

/// A TensorProto message as the standard's test data holds it. Errors: BadData, Unsupported.
Result<NamedTensor> readTensorProto(const QByteArray& bytes);

} // namespace ember::conformance
