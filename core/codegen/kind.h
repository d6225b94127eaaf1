// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/content_hash.h"
#include "core/base/result.h"
#include "core/codegen/emit_parts.h"
#include "core/codegen/host_program.h"
#include "core/codegen/lower.h"

#include <span>

namespace ember::codegen {

/// Whether a kind takes a graph, and if not, why: "the operator Conv". Empty: it takes it.
using WhyNot = QString;

/// What differs between kinds of models (trees, classic models, networks). One object per kind, without state; a folder
/// for each holds the rest. What is common - names, classes, windows, glue - is printed by emit_*.cpp.
class ModelKind
{
public:
    virtual ~ModelKind() = default;

    /// Fills featureCount, classifier, the outputs' type, count and scale, and the body. `lowered` has its options and
    /// its feature type already, and is spoilt when the kind does not take the graph. Errors: for a graph that is of
    /// this kind and cannot be generated.
    virtual Result<WhyNot> lower(const model::Model& model, const Options& options, LoweredModel& lowered) const = 0;

    /// Everything of the body that decides about the generated code.
    virtual void addTo(ContentHash& hash, const LoweredModel& model) const = 0;

    /// One word and one line for the header comment: "forest", "10 trees, ...".
    virtual QString title() const = 0;
    virtual QString description(const LoweredModel& model) const = 0;

    /// Names in device-agent/runtime that the source includes, and all those that these need.
    virtual QStringList includes(const LoweredModel& model) const = 0;
    virtual QStringList runtimeHeaders(const LoweredModel& model) const = 0;

    /// What stands in the model's unnamed namespace: constant tables, functions, static scratch.
    virtual QString printTables(const EmitContext& context) const = 0;
    /// The body of `uint16_t <name>_infer(const Feature* features, Output* outputs)` (votes: `int32_t* votes`), from
    /// the names above, which are in the namespace <name>. Fills the outputs, returns the winner.
    virtual QString printInfer(const EmitContext& context) const = 0;

    virtual qint64 constantBytes(const LoweredModel& model) const = 0;
    /// Static memory that printTables() declares, bytes.
    virtual qint64 scratchBytes(const LoweredModel&) const { return 0; }
    /// Compiled with -O2 unless made for size.
    virtual bool wantsSpeedFlags(const LoweredModel&) const { return false; }

    /// The same on the desktop, bit for bit. `features` are featureBytes() in the model's feature type.
    virtual Result<InferenceOutput> run(const LoweredModel& model, const QByteArray& features) const = 0;
};

/// The kind of a lowered model's body.
const ModelKind& kindOf(const LoweredModel& model);

/// All kinds in the order in which they are asked: the special ones first.
std::span<const ModelKind* const> modelKinds();

} // namespace ember::codegen
