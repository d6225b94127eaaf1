// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/description.h"

#include "device-agent/wire/description.hpp"
#include "device-agent/wire/frame.hpp"

#include <QCborArray>
#include <QCborMap>
#include <QCborStreamReader>
#include <QCborValue>

#include <algorithm>
#include <cmath>
#include <limits>

namespace ember::device {
namespace {

// Far above what a board says; a description beyond them is not one.
constexpr qsizetype kMaxBytes = 64 * 1024;
constexpr int kMaxDepth = 8;
constexpr int kMaxTextLength = 255;
constexpr int kMaxStreams = 8; // a bit each in StatsReport::streaming
constexpr int kMaxClasses = 1024;
constexpr int kMaxStages = 255;
constexpr int kMaxCapabilities = 32;
constexpr qint64 kMaxWindowValues = 1024 * 1024;
constexpr double kMaxRateHz = 10e6;

/// As in the board files' reader: typed access that remembers the first fault.
class Fields
{
public:
    Fields(QCborMap map, QString prefix)
        : m_map(std::move(map))
        , m_prefix(std::move(prefix))
    {}

    bool has(const char* key) const { return m_map.contains(QLatin1String(key)); }

    qint64 number(const char* key, qint64 least, qint64 most)
    {
        const QCborValue value = get(key);
        if (!value.isInteger() || value.toInteger() < least || value.toInteger() > most) {
            fail(key, QStringLiteral("is not a whole number from %1 to %2").arg(least).arg(most));
            return least;
        }
        return value.toInteger();
    }
    int count(const char* key, int least, int most) { return static_cast<int>(number(key, least, most)); }

    double real(const char* key)
    {
        const QCborValue value = get(key);
        const double real = value.isDouble() ? value.toDouble() : static_cast<double>(value.toInteger());
        if (!(value.isDouble() || value.isInteger()) || !std::isfinite(real)) {
            fail(key, QStringLiteral("is not a finite number"));
            return 0;
        }
        return real;
    }

    QString text(const char* key, bool mayBeEmpty = false)
    {
        const QCborValue value = get(key);
        checkText(key, value, mayBeEmpty);
        return value.toString();
    }

    QStringList texts(const char* key, int most)
    {
        QStringList list;
        for (const QCborValue& item : items(key, most)) {
            checkText(key, item, false);
            list << item.toString();
        }
        return list;
    }

    std::vector<QCborValue> items(const char* key, int most)
    {
        const QCborValue value = get(key);
        if (!value.isArray() || value.toArray().size() > most) {
            fail(key, QStringLiteral("is not a list of at most %1 items").arg(most));
            return {};
        }
        const QCborArray array = value.toArray();
        return {array.begin(), array.end()};
    }

    QByteArray bytes(const char* key, qsizetype most)
    {
        const QCborValue value = get(key);
        if (!value.isByteArray() || value.toByteArray().size() > most)
            fail(key, QStringLiteral("is not a byte string of at most %1 bytes").arg(most));
        return value.toByteArray();
    }

    signal::SampleType type(const char* key)
    {
        return static_cast<signal::SampleType>(number(key, 0, static_cast<qint64>(signal::SampleType::Float32)));
    }

    void fail(const char* key, const QString& what)
    {
        if (m_problem.isEmpty())
            m_problem = QStringLiteral("'%1%2' %3").arg(m_prefix, QLatin1String(key), what);
    }
    void take(const Fields& child)
    {
        if (m_problem.isEmpty())
            m_problem = child.m_problem;
    }
    const QString& problem() const { return m_problem; }

private:
    QCborValue get(const char* key) const { return m_map.value(QLatin1String(key)); }

    void checkText(const char* key, const QCborValue& value, bool mayBeEmpty)
    {
        if (!value.isString())
            return fail(key, QStringLiteral("is not a text"));
        const QString text = value.toString();
        if (text.size() > kMaxTextLength || (text.isEmpty() && !mayBeEmpty))
            return fail(key, QStringLiteral("is empty or longer than %1 characters").arg(kMaxTextLength));
        // Names end up in terminals, files and generated code's comments.
        if (std::any_of(text.begin(), text.end(), [](QChar c) { return c.category() == QChar::Other_Control; }))
            fail(key, QStringLiteral("has control characters"));
    }

    QCborMap m_map;
    QString m_prefix;
    QString m_problem;
};

signal::Channel readChannel(Fields& parent, const QCborValue& value, size_t index)
{
    Fields fields(value.toMap(), QStringLiteral("st.c."));
    signal::Channel channel;
    channel.name = fields.has("n") ? fields.text("n", true) : QString();
    if (channel.name.isEmpty())
        channel.name = QStringLiteral("c%1").arg(index);
    if (fields.has("u"))
        channel.unit = fields.text("u", true);
    if (fields.has("s"))
        channel.scale = fields.real("s");
    if (fields.has("o"))
        channel.offset = fields.real("o");
    if (channel.scale == 0)
        fields.fail("s", QStringLiteral("is zero"));
    parent.take(fields);
    return channel;
}

StreamDescription readStream(Fields& parent, const QCborValue& value)
{
    Fields fields(value.toMap(), QStringLiteral("st."));
    StreamDescription stream;
    stream.number = fields.count("i", 0, kMaxStreams - 1);
    stream.spec.name = fields.text("n");
    stream.spec.type = fields.type("t");
    stream.spec.rateHz = fields.real("r");
    if (stream.spec.rateHz < 0 || stream.spec.rateHz > kMaxRateHz)
        fields.fail("r", QStringLiteral("is no possible rate"));
    for (const QCborValue& channel : fields.items("c", static_cast<int>(wire::kMaxChannels)))
        stream.spec.channels.push_back(readChannel(fields, channel, stream.spec.channels.size()));
    if (stream.spec.channels.empty())
        fields.fail("c", QStringLiteral("is empty"));
    parent.take(fields);
    return stream;
}

DeployedModel readModel(Fields& parent, const QCborValue& value)
{
    Fields fields(value.toMap(), QStringLiteral("m."));
    DeployedModel model;
    model.name = fields.text("n");
    model.hash = fields.text("h", true);
    model.input = static_cast<ModelInput>(fields.number("k", 0, 1));
    if (model.input == ModelInput::Window) {
        model.windowRows = fields.count("w", 1, std::numeric_limits<quint16>::max());
        model.hopRows = fields.count("hp", 0, std::numeric_limits<quint16>::max());
        model.channels = fields.count("ic", 1, std::numeric_limits<quint16>::max());
        if (static_cast<qint64>(model.windowRows) * model.channels > kMaxWindowValues)
            fields.fail("w", QStringLiteral("makes a window that no board can hold"));
    }
    model.features = fields.count("f", 0, std::numeric_limits<quint16>::max());
    model.featureType = fields.type("ft");
    model.outputs = fields.count("v", 0, std::numeric_limits<quint16>::max());
    if (fields.has("vt"))
        model.outputType = fields.type("vt");
    model.classNames = fields.texts("c", kMaxClasses);
    if (fields.has("pa"))
        model.eventPatience = fields.count("pa", 1, std::numeric_limits<quint8>::max());
    if (fields.has("sg"))
        model.stages = fields.texts("sg", kMaxStages);
    parent.take(fields);
    return model;
}

/// QCborValue accepts a thousand levels; a description has four. The reader's own limit keeps deep nesting from costing
/// stack.
bool isShallow(QCborStreamReader& reader)
{
    int depth = 0;
    while (reader.lastError() == QCborError::NoError) {
        if (!reader.hasNext()) {
            if (depth == 0)
                return true;
            reader.leaveContainer();
            --depth;
        } else if (reader.isContainer()) {
            if (++depth > kMaxDepth || !reader.enterContainer())
                return false;
        } else {
            reader.next(kMaxDepth);
        }
    }
    return false;
}

Error badDescription(const QString& why)
{
    return Error::wrongBoard(
        QStringLiteral("The board's description cannot be used: %1.").arg(why),
        QStringLiteral("The firmware may be of another version: flash the agent that comes with this program."));
}

} // namespace

const StreamDescription* BoardDescription::stream(int number) const
{
    const auto it = std::find_if(streams.begin(), streams.end(), [&](const auto& s) { return s.number == number; });
    return it == streams.end() ? nullptr : &*it;
}

Result<BoardDescription> parseDescription(const QByteArray& cbor)
{
    if (cbor.size() > kMaxBytes)
        return badDescription(QStringLiteral("it is far too long"));
    QCborStreamReader reader(cbor);
    if (!isShallow(reader))
        return badDescription(QStringLiteral("it is not well-formed CBOR"));
    QCborParserError parse;
    const QCborValue root = QCborValue::fromCbor(cbor, &parse);
    if (parse.error != QCborError::NoError || !root.isMap())
        return badDescription(QStringLiteral("it is not a CBOR map"));

    Fields fields(root.toMap(), {});
    BoardDescription board;
    board.protocol = fields.count("p", 1, 15);
    board.firmware = fields.text("fw");
    board.buildId = fields.bytes("id", 64);
    board.board = fields.text("b");
    board.session = static_cast<quint32>(fields.number("s", 0, std::numeric_limits<quint32>::max()));
    board.maxPayload = fields.count("mp", 32, 1 << 16);
    board.cpuTickHz = fields.number("ch", 1, std::numeric_limits<quint32>::max());
    if (fields.has("st")) {
        for (const QCborValue& item : fields.items("st", kMaxStreams)) {
            StreamDescription stream = readStream(fields, item);
            if (board.stream(stream.number))
                fields.fail("st.i", QStringLiteral("appears twice"));
            board.streams.push_back(std::move(stream));
        }
    }
    if (fields.has("m"))
        board.model = readModel(fields, root.toMap().value(QLatin1String("m")));
    if (fields.has("cap"))
        board.capabilities = fields.texts("cap", kMaxCapabilities);
    if (!fields.problem().isEmpty())
        return badDescription(fields.problem());
    if (board.protocol != wire::kProtocolVersion) {
        return Error::wrongBoard(QStringLiteral("The board speaks protocol version %1; this program speaks %2.")
                                     .arg(board.protocol)
                                     .arg(wire::kProtocolVersion),
                                 QStringLiteral("Flash the agent that comes with this program."));
    }
    return board;
}

} // namespace ember::device
