// SPDX-License-Identifier: GPL-3.0-or-later
// Functions of one real number. Private to core/model.
#pragma once

#include "core/model/operations.h"

namespace ember::model::ops {

/// The value of any UnaryKind but IsInf, IsNaN and Not, with the definitions of ONNX.
float applyFunction(const Unary& op, float x);
double applyFunction(const Unary& op, double x);

/// 1 / (1 + exp(-x)), without overflow for any x.
float logistic(float x);
double logistic(double x);

/// The inverse of the error function.
double inverseErf(double x);

/// Applies a transform of ai.onnx.ml to the scores of one row, in place.
void applyTransform(PostTransform transform, float* scores, qint64 count);
void applyTransform(PostTransform transform, double* scores, qint64 count);

} // namespace ember::model::ops
