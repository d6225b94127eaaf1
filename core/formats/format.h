// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/formats/decoder.h"
#include "core/signal/stream_spec.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QString>
#include <QStringList>

#include <functional>
#include <memory>
#include <vector>

namespace ember::formats {

/// The first bytes of a stream and when they arrived.
class Opening
{
public:
    struct Arrival
    {
        qsizetype end = 0; ///< how many bytes there were with this chunk
        qint64 hostNanos = 0;
    };

    /// Takes no more than kMaxBytes in all; false when some were left out.
    bool add(QByteArrayView bytes, qint64 hostNanos);

    const QByteArray& bytes() const { return m_bytes; }
    const std::vector<Arrival>& arrivals() const { return m_arrivals; }
    bool isEmpty() const { return m_bytes.isEmpty(); }
    /// Host time from the first to the last chunk, seconds; 0 for bytes that came all at once, as from a file.
    double seconds() const;
    /// Seconds after the first chunk at which the byte at `offset` was there.
    double secondsAt(qsizetype offset) const;

    static constexpr qsizetype kMaxBytes = 256 * 1024;

private:
    QByteArray m_bytes;
    std::vector<Arrival> m_arrivals;
};

/// What a format makes of an opening.
struct Guess
{
    QString format; ///< its name
    /// 0: certainly not this one; 1: certainly. Below kLeastScore nothing is chosen by itself.
    double score = 0;
    QString reason;          ///< one sentence for a person: what was seen, or what is missing
    signal::StreamSpec spec; ///< without channels as long as the bytes do not tell them
    bool settled = false;    ///< more bytes would not tell more
    bool hasTime = false;    ///< the stream carries the board's time

    /// Bytes to send before rows come, and when they shall end; empty where the board sends by itself.
    QByteArray startRequest;
    QByteArray stopRequest;

    /// Null as long as `spec` has no channels.
    std::function<std::unique_ptr<Decoder>()> makeDecoder;
    /// The board gives nothing by itself but answers commands: a link of its own talks to it, and there is no decoder.
    bool isConversation = false;

    bool isUsable() const { return makeDecoder != nullptr || isConversation; }
};

constexpr double kLeastScore = 0.5;

/// The name of the format that is a conversation.
constexpr char kEdgeImpulseAt[] = "edge-impulse-at";

/// A format of other people's firmware. Stateless; any thread.
class Format
{
public:
    virtual ~Format() = default;

    virtual QString name() const = 0;  ///< for --format
    virtual QString title() const = 0; ///< for people
    virtual Guess survey(const Opening& opening) const = 0;
    /// What to send to a silent board so that it describes itself; empty where nothing helps.
    virtual QByteArray prompt() const { return {}; }
    /// Whether an unknown board may be asked too: no firmware that we know of takes prompt() amiss.
    virtual bool mayPromptUnknown() const { return false; }
};

/// Every format, in the order in which equals are tried.
const std::vector<std::unique_ptr<Format>>& allFormats();

/// Error Usage names those that there are.
Result<const Format*> findFormat(const QString& name);

QStringList formatNames();

/// All formats' guesses, best first; equal scores in the order of allFormats().
std::vector<Guess> rank(const Opening& opening);

/// What somebody knows better about the channels of a stream than the stream itself.
struct ChannelSettings
{
    QStringList names;          ///< "ax", or "ax (g)" with a unit; empty: as the stream says
    std::vector<double> scales; ///< what the stream's values are multiplied by; one for all channels or one for each

    bool isEmpty() const { return names.isEmpty() && scales.empty(); }
};

/// Changes the description; the rows stay as they are. Errors: Usage when there are not as many as channels, or a scale
/// is none.
Status apply(const ChannelSettings& settings, signal::StreamSpec& spec);

std::unique_ptr<Format> makeArduinoFormat();
std::unique_ptr<Format> makeCsvFormat();
std::unique_ptr<Format> makeEdgeImpulseFormat();
std::unique_ptr<Format> makeEdgeImpulseAtFormat();
std::unique_ptr<Format> makeNordicFormat();
std::unique_ptr<Format> makeSensimlFormat();
std::unique_ptr<Format> makeTeleplotFormat();

} // namespace ember::formats
