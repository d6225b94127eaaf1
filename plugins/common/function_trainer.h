// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plugin-api/trainer.h"

namespace ember::common {

/// A trainer that is a description and a function. Looks at the data first, so that the function may rely on whole rows
/// of one size and on labels below the number of classes, and turns exceptions into errors.
class FunctionTrainer final : public plugin::Trainer
{
public:
    using Train = Result<model::Model> (*)(const plugin::TrainingView& data, const QVariantMap& parameters,
                                           const plugin::TrainingContext& context);

    FunctionTrainer(plugin::TrainerInfo description, Train function)
        : m_info(std::move(description))
        , m_train(function)
    {}

    plugin::TrainerInfo info() const noexcept override { return m_info; }
    Result<model::Model> train(const plugin::TrainingView& data, const QVariantMap& parameters,
                               const plugin::TrainingContext& context) noexcept override;

private:
    plugin::TrainerInfo m_info;
    Train m_train;
};

/// What the data asks for: targets mean regression, labels classification, neither an anomaly detector.
plugin::Task taskOf(const plugin::TrainingView& data);

Error cancelled();

} // namespace ember::common
