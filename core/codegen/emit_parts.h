// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/emitter.h"
#include "core/features/emit_plan.h"

#include <QString>
#include <QStringList>

#include <optional>

namespace ember::codegen {

class ModelKind;

/// What all files of one bundle are printed from.
struct EmitContext
{
    const LoweredModel& model;
    const ModelKind& kind;
    const std::vector<CostNote>& costs;
    std::optional<features::ExtractionPlan> plan; ///< models of raw windows
    QString macro;                                ///< prefix of the macros: the name in capitals
    qint64 constBytes = 0;
    qint64 ramBytes = 0;

    /// What a forest says is called votes in the generated code.
    bool hasVotes() const { return model.forest() != nullptr; }
    QString outputsName() const { return hasVotes() ? QStringLiteral("votes") : QStringLiteral("outputs"); }
    /// The macro with their number.
    QString outputCountMacro() const
    {
        return macro + (hasVotes() ? QStringLiteral("_VOTE_COUNT") : QStringLiteral("_OUTPUT_COUNT"));
    }
    QString outputCType() const;
    bool isWindowed() const { return plan.has_value(); }
    int scratchFloats() const { return plan ? std::max(plan->scratchFloats, 1) : 0; }
};

/// "int16_t", "float".
QString featureCType(FeatureType type);
/// The type of a window's samples; windowed models only.
QString sampleCType(const EmitContext& context);

QString printHeaderFile(const EmitContext& context);
QString printSourceFile(const EmitContext& context);
QString printGlueFile(const EmitContext& context, const StoredVectors& selfTest);

} // namespace ember::codegen
