// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/generated_winners.h"

#include "core/codegen/host_program.h"
#include "core/codegen/lower.h"

#include <span>

namespace ember::workflow {

Result<std::optional<GeneratedWinners>> generatedWinners(const model::Model& model, const model::Tensor& rows)
{
    using Winners = std::optional<GeneratedWinners>;
    auto lowered = codegen::lower(model);
    if (!lowered || !lowered->classifier || rows.rank() != 2 || rows.shape()[1] != lowered->featureCount)
        return Winners();
    EMBER_TRY(const codegen::HostProgram program, codegen::HostProgram::make(std::move(*lowered)));
    const std::vector<float> values = rows.toFloat();
    const std::size_t features = program.model().featureCount;
    GeneratedWinners winners;
    winners.classNames = program.model().classNames;
    for (std::size_t at = 0; at + features <= values.size(); at += features) {
        EMBER_TRY(const QByteArray encoded, program.encodeFeatures(std::span(values).subspan(at, features)));
        EMBER_TRY(const codegen::HostOutput output, program.runFeatures(encoded));
        winners.winners.push_back(output.winner);
    }
    return Winners(std::move(winners));
}

} // namespace ember::workflow
