// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/signal/stream_spec.h"

#include <QByteArray>
#include <QString>
#include <QStringList>

#include <optional>
#include <vector>

namespace ember::device {

struct StreamDescription
{
    int number = 0; ///< in frames
    signal::StreamSpec spec;

    friend bool operator==(const StreamDescription&, const StreamDescription&) = default;
};

enum class ModelInput
{
    FeatureVector = 0,
    Window = 1
};

/// The model that is linked into the firmware.
struct DeployedModel
{
    QString name;
    QString hash; ///< first 16 hexadecimal digits of the model's content hash
    ModelInput input = ModelInput::FeatureVector;
    int windowRows = 0;
    int hopRows = 0;
    int channels = 0;
    int features = 0;
    signal::SampleType featureType = signal::SampleType::Float32;
    signal::SampleType outputType = signal::SampleType::Int32; ///< Int32: votes
    int outputs = 0;
    QStringList classNames;
    int eventPatience = 0; ///< windows in a row that make an event; 0: the firmware tells none
    QStringList stages;    ///< in the order of profile reports
};

/// What a board says about itself. A value.
struct BoardDescription
{
    int protocol = 0;
    QString firmware;
    QByteArray buildId; ///< raw bytes, as in the ELF note
    QString board;
    quint32 session = 0; ///< differs at every start of the board
    qsizetype maxPayload = 0;
    qint64 cpuTickHz = 0;
    std::vector<StreamDescription> streams;
    std::optional<DeployedModel> model;
    QStringList capabilities;

    // Not said by the board but found out by who listens:
    QString format;       ///< "agent", or the name of another firmware's format
    QString formatReason; ///< why it was taken for that; empty for the agent

    const StreamDescription* stream(int number) const;
    bool can(const QString& capability) const { return capabilities.contains(capability); }
};

/// Reads the CBOR map of device-agent/wire/description.hpp. The bytes are hostile: types, counts, ranges and text are
/// checked, unknown keys passed over. A permanent Board error names the key at fault.
Result<BoardDescription> parseDescription(const QByteArray& cbor);

} // namespace ember::device
