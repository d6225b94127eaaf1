// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/codegen/lower.h"
#include "core/features/cost.h"

namespace ember::footprint {

/// What the model itself costs, without features, texts and firmware: by formula.
struct ModelWork
{
    double codeBytes = 0;
    double constantBytes = 0;
    double instructions = 0; ///< per inference, as a mean
};

// One for each kind of body but networks (estimate_network.h), each in a file of its own. Errors: Unsupported where no
// coefficients are known.
Result<ModelWork> workOf(const codegen::LoweredForest& forest, const codegen::LoweredModel& model,
                         features::CpuClass cpu);

Result<ModelWork> workOf(const codegen::LoweredGaussian& gaussian, const codegen::LoweredModel& model,
                         features::CpuClass cpu);

Result<ModelWork> workOf(const codegen::LoweredSupport& support, const codegen::LoweredModel& model,
                         features::CpuClass cpu);

Result<ModelWork> workOf(const codegen::LoweredLinear& linear, const codegen::LoweredModel& model,
                         features::CpuClass cpu);

Result<ModelWork> workOf(const codegen::LoweredNeighbours& neighbours, const codegen::LoweredModel& model,
                         features::CpuClass cpu);

/// What learning adds to one of the integer kinds above: code, limits, and the work of an inference with what is
/// learned.
void addLearning(const codegen::LoweredModel& model, features::CpuClass cpu, ModelWork& work);

/// What telling events adds: code, and the work of one window.
void addEvents(const codegen::LoweredModel& model, features::CpuClass cpu, ModelWork& work);

/// RAM that shapes of a program's kernels take on an AVR, where constants of the compiler are copied there.
double shapeBytes(const codegen::LoweredProgram& program);

Result<ModelWork> workOf(const codegen::LoweredProgram& program, const codegen::LoweredModel& model,
                         features::CpuClass cpu);

} // namespace ember::footprint
