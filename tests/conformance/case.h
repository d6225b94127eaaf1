// SPDX-License-Identifier: GPL-3.0-or-later
// Recorded inputs and outputs of models that others have computed, and the comparison with what we compute.
#pragma once

#include "core/base/result.h"
#include "core/model/fixed_point.h"
#include "core/model/tensor.h"

#include <QByteArray>
#include <QString>

#include <functional>
#include <vector>

namespace ember::conformance {

/// How near a float must be: |a - b| <= absolute + relative * |b|. Integers, text and truth values must be equal.
struct Tolerance
{
    double absolute = 0;
    double relative = 0;
    bool ignoreShape = false; ///< compare the elements in order
};

struct NamedTensor
{
    QString name; ///< empty: by position
    model::Tensor value;
};

struct Sample
{
    std::vector<NamedTensor> inputs;
    std::vector<NamedTensor> outputs;
    std::size_t firstOutput = 0; ///< position of the first of outputs without names
};

/// One model with one or more recorded runs; read when it is its turn.
struct Case
{
    QString name;
    QString model;
    Tolerance tolerance;
    bool rowByRow = false; ///< feed the rows one at a time
    std::function<Result<std::vector<Sample>>()> samples;
    model::RequantiseRounding rounding = model::RequantiseRounding::Double;
};

enum class Verdict
{
    Passed,
    Unsupported,
    Failed
};

struct Outcome
{
    Verdict verdict = Verdict::Passed;
    QString detail; ///< why not
};

/// Every case below a folder, in order of names. Understood are: folders with model.onnx and test_data_set_N/*.pb (the
/// standard's own tests); model.onnx or NAME.onnx with .npy or .npz files beside it; golden.json lists of .npy pairs
/// and JSON files with bytes for .tflite models; NAME.tflite with NAME_input0_int16.csv and NAME_golden_int16.csv.
std::vector<Case> findCases(const QString& folder);

Outcome runCase(const Case& test);

/// Writes the model as ONNX and reads it again: passed when every output for the recorded inputs stays the same to the
/// last bit, unsupported when the model cannot be read or written.
Outcome runWritten(const Case& test);

/// Empty when equal within the tolerance, else the first difference.
QString difference(const model::Tensor& computed, const model::Tensor& expected, const Tolerance& tolerance);

/// An .npz file (stored or deflated entries): names without ".npy". Errors: Io, BadData.
Result<std::vector<NamedTensor>> readNpz(const QString& path);

} // namespace ember::conformance
