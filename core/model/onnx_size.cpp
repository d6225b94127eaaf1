// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/onnx_size.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace ember::model::detail {
namespace {

constexpr int kDeepest = 100; // protobuf's own limit

/// The messages of onnx_subset.proto; Text and Numbers are fields without an inner structure.
enum class Part : quint8
{
    Model,
    Graph,
    Node,
    Attribute,
    Array,
    Value,
    Type,
    TensorType,
    SequenceType,
    Shape,
    Annotation,
    Pair,
    Text,
    Numbers
};

struct Field
{
    Part in;
    quint32 number;
    Part holds;
};

constexpr std::array kFields = {
    Field{Part::Model, 7, Part::Graph},       Field{Part::Model, 8, Part::Pair},
    Field{Part::Model, 14, Part::Pair},       Field{Part::Graph, 1, Part::Node},
    Field{Part::Graph, 5, Part::Array},       Field{Part::Graph, 11, Part::Value},
    Field{Part::Graph, 12, Part::Value},      Field{Part::Graph, 14, Part::Annotation},
    Field{Part::Graph, 2, Part::Text},        Field{Part::Node, 1, Part::Text},
    Field{Part::Node, 2, Part::Text},         Field{Part::Node, 5, Part::Attribute},
    Field{Part::Attribute, 5, Part::Array},   Field{Part::Attribute, 6, Part::Graph},
    Field{Part::Attribute, 8, Part::Numbers}, Field{Part::Attribute, 9, Part::Text},
    Field{Part::Attribute, 4, Part::Text},    Field{Part::Array, 1, Part::Numbers},
    Field{Part::Array, 5, Part::Numbers},     Field{Part::Array, 6, Part::Text},
    Field{Part::Array, 7, Part::Numbers},     Field{Part::Array, 11, Part::Numbers},
    Field{Part::Array, 9, Part::Text},        Field{Part::Value, 2, Part::Type},
    Field{Part::Type, 1, Part::TensorType},   Field{Part::Type, 4, Part::SequenceType},
    Field{Part::TensorType, 2, Part::Shape},  Field{Part::SequenceType, 1, Part::Type},
    Field{Part::Shape, 1, Part::Pair},        Field{Part::Annotation, 2, Part::Pair},
};

Part partOf(Part in, quint32 number)
{
    const auto found = std::find_if(kFields.begin(), kFields.end(),
                                    [&](const Field& field) { return field.in == in && field.number == number; });
    return found == kFields.end() ? Part::Text : found->holds;
}

qint64 ownBytes(Part part)
{
    switch (part) {
    case Part::Numbers:
        return 0;
    case Part::Text:
        return 48;
    case Part::Pair:
        return 80;
    default:
        return 256;
    }
}

class Walker
{
public:
    explicit Walker(qint64 most)
        : m_most(most)
    {}

    qint64 total() const { return m_total; }

    /// False when nothing more is to be looked at: the parts are too many already, or the bytes are no such message.
    bool walk(Part part, std::string_view bytes, int depth)
    {
        while (!bytes.empty()) {
            const auto tag = number(bytes);
            if (!tag || m_total > m_most || depth > kDeepest)
                return false;
            const auto field = static_cast<quint32>(*tag >> 3);
            switch (*tag & 7) {
            case 0:
                if (!number(bytes))
                    return false;
                m_total += partOf(part, field) == Part::Numbers ? 8 : 0;
                break;
            case 1:
            case 5: {
                const std::size_t size = (*tag & 7) == 1 ? 8 : 4;
                if (bytes.size() < size)
                    return false;
                bytes.remove_prefix(size);
                m_total += 8;
                break;
            }
            case 2: {
                const auto size = number(bytes);
                if (!size || *size > bytes.size())
                    return false;
                if (!take(partOf(part, field), bytes.substr(0, *size), depth))
                    return false;
                bytes.remove_prefix(*size);
                break;
            }
            default:
                return false; // Groups are in no ONNX file. The parser would skip one and go on.
            }
        }
        return true;
    }

private:
    static std::optional<quint64> number(std::string_view& bytes)
    {
        quint64 value = 0;
        for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
            const auto byte = static_cast<quint8>(bytes.front());
            bytes.remove_prefix(1);
            value |= static_cast<quint64>(byte & 127) << shift;
            if (byte < 128)
                return value;
        }
        return std::nullopt;
    }

    bool take(Part part, std::string_view inner, int depth)
    {
        m_total += ownBytes(part);
        if (part == Part::Numbers) {
            // A number ends with the byte whose upper bit is clear.
            m_total += 8 * std::count_if(inner.begin(), inner.end(), [](char byte) { return byte >= 0; });
            return true;
        }
        if (part == Part::Text) {
            m_total += static_cast<qint64>(inner.size());
            return true;
        }
        return part == Part::Pair || walk(part, inner, depth + 1);
    }

    qint64 m_most;
    qint64 m_total = 0;
};

} // namespace

std::optional<qint64> parsedBytes(const QByteArray& file, qint64 most)
{
    Walker walker(most);
    const bool whole = walker.walk(Part::Model, {file.constData(), static_cast<std::size_t>(file.size())}, 0);
    if (!whole && walker.total() <= most)
        return std::nullopt;
    return walker.total();
}

} // namespace ember::model::detail
