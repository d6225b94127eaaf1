// SPDX-License-Identifier: GPL-3.0-or-later
// What a model has learned, on the desktop, in the headers that boards compile. Private to this folder.
#pragma once

#include "core/codegen/classic/encoded_row.h"
#include "core/codegen/host_program.h"

#include <algorithm>
#include <memory>

namespace ember::codegen {

/// One per kind of model. Rows are what the model's body works on: whole numbers of LoweredModel::rowType(). A value
/// that copies itself; borrows the model.
class LearnedState
{
public:
    virtual ~LearnedState() = default;

    virtual std::unique_ptr<LearnedState> copy() const = 0;
    /// A runtime::LearnOutcome; `label` is a class.
    virtual quint8 learn(const QByteArray& row, quint16 label) = 0;
    virtual InferenceOutput run(const QByteArray& row) const = 0;
    /// Whether no lesson whatsoever can change the class that the trained model gives to the row.
    virtual bool isCertain(const QByteArray& row) const = 0;
    /// The struct of the generated code, as it lies in RAM.
    virtual QByteArray bytes() const = 0;
    /// False for bytes that are none of this model; then nothing has changed.
    virtual bool restore(const QByteArray& bytes) = 0;
};

std::unique_ptr<LearnedState> makeLearnedRows(const LoweredModel& model);
std::unique_ptr<LearnedState> makeLearnedMeans(const LoweredModel& model);
std::unique_ptr<LearnedState> makeLearnedWeights(const LoweredModel& model);

template <typename Number>
void appendNumbers(QByteArray& bytes, const std::vector<Number>& numbers)
{
    bytes.append(reinterpret_cast<const char*>(numbers.data()),
                 static_cast<qsizetype>(numbers.size() * sizeof(Number)));
}

/// Reads into a vector that has its size; `*at` moves on. The caller has checked that there are as many bytes.
template <typename Number>
void takeNumbers(const QByteArray& bytes, qsizetype* at, std::vector<Number>& numbers)
{
    const auto size = static_cast<qsizetype>(numbers.size() * sizeof(Number));
    std::memcpy(numbers.data(), bytes.constData() + *at, static_cast<std::size_t>(size));
    *at += size;
}

} // namespace ember::codegen
