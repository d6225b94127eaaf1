// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers and names of the ONNX standard that reader and writer share. Private to this folder.
#pragma once

#include "core/base/result.h"
#include "core/model/graph.h"

#include <QString>

#include <array>
#include <onnx_subset.pb.h>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace ember::model::detail {

namespace pb = emberlab::onnx;

// TensorProto.DataType
constexpr int kElemFloat = 1;
constexpr int kElemUint8 = 2;
constexpr int kElemInt8 = 3;
constexpr int kElemUint16 = 4;
constexpr int kElemInt16 = 5;
constexpr int kElemInt32 = 6;
constexpr int kElemInt64 = 7;
constexpr int kElemString = 8;
constexpr int kElemBool = 9;
constexpr int kElemDouble = 11;
constexpr int kElemUint32 = 12;
constexpr int kElemUint64 = 13;

// AttributeProto.AttributeType
constexpr int kAttributeFloat = 1;
constexpr int kAttributeInt = 2;
constexpr int kAttributeString = 3;
constexpr int kAttributeTensor = 4;
constexpr int kAttributeFloats = 6;
constexpr int kAttributeInts = 7;
constexpr int kAttributeStrings = 8;

constexpr char kMlDomain[] = "ai.onnx.ml";

template <typename Value>
struct Name
{
    Value value;
    std::string_view text;
};

// The position in a table is the number that TreeEnsemble (version 5) uses for the same thing.
inline constexpr std::array kBranchModes = {
    Name<BranchMode>{BranchMode::LessOrEqual, "BRANCH_LEQ"},    Name<BranchMode>{BranchMode::Less, "BRANCH_LT"},
    Name<BranchMode>{BranchMode::GreaterOrEqual, "BRANCH_GTE"}, Name<BranchMode>{BranchMode::Greater, "BRANCH_GT"},
    Name<BranchMode>{BranchMode::Equal, "BRANCH_EQ"},           Name<BranchMode>{BranchMode::NotEqual, "BRANCH_NEQ"}};
inline constexpr std::string_view kLeafMode = "LEAF";

inline constexpr std::array kAggregates = {
    Name<Aggregate>{Aggregate::Average, "AVERAGE"}, Name<Aggregate>{Aggregate::Sum, "SUM"},
    Name<Aggregate>{Aggregate::Minimum, "MIN"}, Name<Aggregate>{Aggregate::Maximum, "MAX"}};

inline constexpr std::array kPostTransforms = {Name<PostTransform>{PostTransform::None, "NONE"},
                                               Name<PostTransform>{PostTransform::Softmax, "SOFTMAX"},
                                               Name<PostTransform>{PostTransform::Logistic, "LOGISTIC"},
                                               Name<PostTransform>{PostTransform::SoftmaxZero, "SOFTMAX_ZERO"},
                                               Name<PostTransform>{PostTransform::Probit, "PROBIT"}};

template <typename Table>
auto valueFor(const Table& table, std::string_view text) -> std::optional<decltype(table[0].value)>
{
    for (const auto& entry : table) {
        if (entry.text == text)
            return entry.value;
    }
    return std::nullopt;
}

template <typename Table, typename Value>
std::string textFor(const Table& table, Value value)
{
    for (const auto& entry : table) {
        if (entry.value == value)
            return std::string(entry.text);
    }
    return {};
}

/// The element type as graph.h has it. Empty: not supported.
std::optional<TensorType> tensorTypeFor(int elemType);
/// The type of features of trees: double becomes float32, because that is what trees compare.
std::optional<TensorType> featureTypeFor(int elemType);
int elemTypeFor(TensorType type);

Error damaged(const QString& what);
Error unsupported(const QString& what);

/// Typed access to the attributes of a node; what is not there reads as empty.
class Attributes
{
public:
    explicit Attributes(const pb::NodeProto& node)
        : m_node(node)
    {}

    std::span<const std::int64_t> ints(std::string_view name) const;
    std::span<const float> floats(std::string_view name) const;
    std::vector<std::string> strings(std::string_view name) const;
    std::string text(std::string_view name, std::string_view fallback) const;
    std::int64_t integer(std::string_view name, std::int64_t fallback) const;
    float real(std::string_view name, float fallback) const;
    bool has(std::string_view name) const;
    /// The tensor of an attribute, or null.
    const pb::TensorProto* tensorProto(std::string_view name) const;
    /// Floats from the list attribute, or from the tensor attribute `name`_as_tensor (version 3).
    Result<std::vector<double>> numbers(std::string_view name) const;
    Result<std::vector<double>> tensor(std::string_view name) const;

private:
    const pb::AttributeProto* find(std::string_view name) const;

    const pb::NodeProto& m_node;
};

} // namespace ember::model::detail
