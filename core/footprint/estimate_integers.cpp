// SPDX-License-Identifier: GPL-3.0-or-later
// Classic models in integers.
#include "core/codegen/kind.h"
#include "core/footprint/model_work.h"

namespace ember::footprint {

Result<ModelWork> workOf(const codegen::LoweredGaussian& gaussian, const codegen::LoweredModel& model,
                         features::CpuClass)
{
    ModelWork work;
    work.codeBytes = 220;
    work.constantBytes = static_cast<double>(codegen::kindOf(model).constantBytes(model));
    work.instructions =
        10.0 * static_cast<double>(gaussian.table.size()) + 40.0 * gaussian.classes + 9.0 * gaussian.features + 20;
    return work;
}

Result<ModelWork> workOf(const codegen::LoweredSupport& support, const codegen::LoweredModel& model, features::CpuClass)
{
    ModelWork work;
    work.codeBytes = 600;
    work.constantBytes = static_cast<double>(codegen::kindOf(model).constantBytes(model));
    work.instructions = 1.9 * static_cast<double>(support.vectors.size()) + 40.0 * support.vectorCount +
                        7.0 * static_cast<double>(support.coefficients.size()) + 60.0 * support.rho.size();
    return work;
}

} // namespace ember::footprint
