// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/features/pipeline.h"

#include <QJsonObject>
#include <QJsonValue>
#include <QString>
#include <QStringList>

#include <span>
#include <vector>

namespace ember::features {

class PlanBuilder;

/// A setting of a block as data: forms, help and checks are made from it.
struct BlockParameter
{
    enum class Type
    {
        Integer,
        Real,
        Choice,   ///< one of `choices`, a JSON string
        ChoiceSet ///< some of `choices`, a JSON array of strings; order and repeats do not matter
    };

    QString key; ///< lower case, dashes: "fft-size"
    Type type = Type::Integer;
    QJsonValue defaultValue;
    double minimum = 0;  ///< Integer and Real, inclusive
    double maximum = 0;  ///< Integer and Real, inclusive
    QString unit;        ///< Integer and Real: "Hz", "dB"; may be empty
    QStringList choices; ///< Choice and ChoiceSet
    QString name;        ///< "FFT size"
    QString help;        ///< one sentence
};

/// What a block, or a stage (stage.h), says of itself.
struct BlockInfo
{
    QString id;     ///< "statistics"
    QString title;  ///< "Statistics"
    QString help;   ///< one sentence: what it computes and when to use it
    QString source; ///< where the definition comes from: a paper, a book, or the formula itself
    int minimumChannels = 1;
    int maximumChannels = 0;  ///< 0: no limit
    bool allChannels = false; ///< of a stage: acts on all channels at once, and its list of them is empty
    QList<BlockParameter> parameters;
};

/// A kind of feature. Immutable, without state, any thread. A new kind is a class here, its kernels in
/// device-agent/runtime and one line in the registry; code generator, estimate and GUI need no change.
class Block
{
public:
    virtual ~Block() = default;

    virtual BlockInfo info() const = 0;

    /// What the general checks (known parameters in range, existing channels, a window of at least two rows) leave
    /// open. Error Usage, naming the block.
    /// Here and below `pipeline` is what the stages leave: their signals, rows and rate.
    virtual Status check(const BlockUse& use, const Pipeline& pipeline) const;

    /// Names of its features in output order, for a use that has been checked.
    virtual QStringList names(const BlockUse& use, const Pipeline& pipeline) const = 0;

    /// What its features are laid out as, channels last: {time, channels}, {height, width, channels}; their product is
    /// the number of names. Empty: figures without an order.
    virtual std::vector<int> shape(const BlockUse& use, const Pipeline& pipeline) const;

    /// Adds the kernel calls that fill outputs `firstOutput` and up, as many as names() tells.
    virtual void plan(const BlockUse& use, const Pipeline& pipeline, int firstOutput, PlanBuilder& builder) const = 0;
};

/// All blocks, in the order in which they are offered.
std::span<const Block* const> allBlocks();

/// The block of this id, or null.
const Block* findBlock(const QString& id);

/// A use of a block with every parameter set: those given, the defaults for the others.
/// Errors: NotFound for the block, Usage for a parameter it does not have or a value out of range.
Result<BlockUse> makeUse(const QString& block, std::vector<int> channels, const QJsonObject& parameters = {});

/// The same for a description at hand. Errors: Usage.
Result<BlockUse> completeUse(const BlockInfo& info, std::vector<int> channels, const QJsonObject& parameters);

} // namespace ember::features
