// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/codegen/lower.h"
#include "core/signal/element_values.h"

#include <QByteArray>

#include <memory>
#include <span>

namespace ember::features {
class Extractor;
}

namespace ember::codegen {

/// What a model says to one feature vector.
struct InferenceOutput
{
    signal::ElementValues outputs; ///< in the model's output type
    quint16 winner = 0;
};

/// What a model says to one input.
struct HostOutput
{
    QByteArray features; ///< the feature vector in the model's feature type, little-endian
    signal::ElementValues outputs;
    quint16 winner = 0;
};

/// A lowered model run on the desktop through the headers of device-agent/runtime that the firmware compiles: this is
/// "what the desktop computes". Immutable after make(); any number of threads may run it.
class HostProgram
{
public:
    static Result<HostProgram> make(LoweredModel model);

    const LoweredModel& model() const { return *m_model; }

    /// Bytes of one feature vector in the model's feature type.
    qsizetype featureBytes() const;

    /// Bytes of one raw window; 0 for a model without a pipeline.
    qsizetype windowBytes() const;

    /// A feature vector in the model's feature type, as a board takes it. Errors: Usage for a wrong length, or a value
    /// that is no whole number or out of range of an integer type, naming the feature.
    Result<QByteArray> encodeFeatures(std::span<const float> features) const;

    /// What the model's body works on: the features themselves, or the whole numbers that they become first. Takes
    /// featureBytes().
    QByteArray bodyRow(const QByteArray& encoded) const;

    /// Runs the model on an encoded feature vector of featureBytes(). Errors: BadData for another size.
    Result<HostOutput> runFeatures(const QByteArray& encoded) const;

    /// Extracts the features of a raw window of windowBytes() and runs the model. Errors: as above; Usage for a model
    /// that has no pipeline.
    Result<HostOutput> runWindow(const QByteArray& rows) const;

private:
    HostProgram(std::shared_ptr<const LoweredModel> model, std::shared_ptr<const features::Extractor> extractor)
        : m_model(std::move(model))
        , m_extractor(std::move(extractor))
    {}

    std::shared_ptr<const LoweredModel> m_model;
    std::shared_ptr<const features::Extractor> m_extractor; ///< null without a pipeline; copied for every use
};

} // namespace ember::codegen
