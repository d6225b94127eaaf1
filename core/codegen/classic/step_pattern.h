// SPDX-License-Identifier: GPL-3.0-or-later
// Float programs read as models that have integer kernels. Private to this folder.
#pragma once

#include "core/codegen/classic/program.h"

#include <QString>
#include <QStringList>

#include <optional>
#include <span>
#include <vector>

namespace ember::codegen {

/// The steps before a model proper: the value is (feature - offset) * scale, element by element.
struct AffineFront
{
    std::vector<double> offset;
    std::vector<double> scale;
    StepOperand value;
    std::size_t next = 0; ///< the first step after it
};

/// Of a program on whole numbers. A scale of zero ends it.
AffineFront frontOf(const LoweredProgram& program, std::size_t features);

/// The constants at an operand; empty when it is no constant, or when there are fewer.
std::span<const float> constantsAt(const LoweredProgram& program, const StepOperand& operand, std::size_t count);

/// Whether step `index` exists and is of a kind (and function).
bool isStep(const LoweredProgram& program, std::size_t index, ProgramKernel kind,
            StepFunction function = StepFunction::None);

/// The end of a detector: thresholds taken from one score, both signs of what is left, and which of them is larger.
/// Returns the sum of the thresholds: a row is normal where the score is not below. Nothing for another end.
std::optional<double> detectorThreshold(const LoweredProgram& program, std::size_t at, StepOperand score);

/// `const int16_t name[n] EMBER_IN_FLASH = {...};` with lines of `perLine`.
QString numberTable(const QString& type, const QString& name, const QStringList& literals, int perLine = 16);

/// Numbers that fit an int.
template <typename Value>
QStringList literalsOf(const std::vector<Value>& values)
{
    QStringList literals;
    for (const Value value : values)
        literals << QString::number(value);
    return literals;
}

/// "4711u".
QStringList unsignedLiterals(const std::vector<quint32>& values);

} // namespace ember::codegen
