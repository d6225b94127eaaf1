// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codegen/host_program.h"

#include "core/codegen/kind.h"
#include "core/features/extractor.h"
#include "device-agent/runtime/feature_codes.hpp"

#include <cmath>
#include <cstring>
#include <limits>

namespace ember::codegen {
namespace {

qsizetype sizeOf(FeatureType type)
{
    switch (type) {
    case FeatureType::Int8:
        return 1;
    case FeatureType::Int16:
        return 2;
    default:
        return 4;
    }
}

template <typename Integer>
bool encodeInteger(float value, char* at)
{
    // In double, so that the limits themselves are exact.
    const auto wide = static_cast<double>(value);
    if (!(wide >= std::numeric_limits<Integer>::min() && wide <= std::numeric_limits<Integer>::max()) ||
        wide != std::floor(wide))
        return false;
    const auto integer = static_cast<Integer>(wide);
    std::memcpy(at, &integer, sizeof integer);
    return true;
}

bool encodeOne(FeatureType type, float value, char* at)
{
    switch (type) {
    case FeatureType::Int8:
        return encodeInteger<qint8>(value, at);
    case FeatureType::Int16:
        return encodeInteger<qint16>(value, at);
    case FeatureType::Int32:
        return encodeInteger<qint32>(value, at);
    default:
        std::memcpy(at, &value, sizeof value);
        return true;
    }
}

template <typename Code>
QByteArray codesOf(const LoweredCodes& codes, const QByteArray& features)
{
    const auto count = static_cast<std::size_t>(features.size()) / sizeof(float);
    std::vector<float> reals(count);
    if (count > 0)
        std::memcpy(reals.data(), features.constData(), count * sizeof(float));
    std::vector<Code> numbers(count);
    runtime::encodeFeatures(count, reals.data(), runtime::FlashValues{codes.constants.data()}, numbers.data());
    return QByteArray(reinterpret_cast<const char*>(numbers.data()),
                      static_cast<qsizetype>(numbers.size() * sizeof(Code)));
}

/// What the body of a model works on.
QByteArray rowOf(const LoweredModel& model, const QByteArray& features)
{
    if (!model.codes)
        return features;
    return model.codes->type == FeatureType::Int8 ? codesOf<int8_t>(*model.codes, features)
                                                  : codesOf<int16_t>(*model.codes, features);
}

} // namespace

Result<HostProgram> HostProgram::make(LoweredModel model)
{
    std::shared_ptr<const features::Extractor> extractor;
    if (model.pipeline) {
        EMBER_TRY(features::Extractor made, features::Extractor::make(*model.pipeline));
        extractor = std::make_shared<const features::Extractor>(std::move(made));
    }
    return HostProgram(std::make_shared<const LoweredModel>(std::move(model)), std::move(extractor));
}

qsizetype HostProgram::featureBytes() const
{
    return m_model->featureCount * sizeOf(m_model->featureType);
}

qsizetype HostProgram::windowBytes() const
{
    return m_extractor ? m_extractor->windowBytes() : 0;
}

Result<QByteArray> HostProgram::encodeFeatures(std::span<const float> features) const
{
    if (features.size() != m_model->featureCount)
        return Error(
            ErrorKind::Usage,
            QStringLiteral("The model takes %1 features, not %2.").arg(m_model->featureCount).arg(features.size()));
    const qsizetype size = sizeOf(m_model->featureType);
    QByteArray encoded(featureBytes(), '\0');
    for (std::size_t i = 0; i < features.size(); ++i) {
        if (!encodeOne(m_model->featureType, features[i], encoded.data() + static_cast<qsizetype>(i) * size))
            return Error(ErrorKind::Usage,
                         QStringLiteral("Feature %1 is %2, which is no %3.")
                             .arg(i)
                             .arg(static_cast<double>(features[i]))
                             .arg(featureTypeName(m_model->featureType)),
                         QStringLiteral("Choose a wider --feature-type, or scale the features."));
    }
    return encoded;
}

QByteArray HostProgram::bodyRow(const QByteArray& encoded) const
{
    return rowOf(*m_model, encoded);
}

Result<HostOutput> HostProgram::runFeatures(const QByteArray& encoded) const
{
    if (encoded.size() != featureBytes())
        return Error(ErrorKind::BadData, QStringLiteral("A feature vector of this model has %1 bytes, not %2.")
                                             .arg(featureBytes())
                                             .arg(encoded.size()));
    EMBER_TRY(InferenceOutput output, kindOf(*m_model).run(*m_model, rowOf(*m_model, encoded)));
    return HostOutput{encoded, std::move(output.outputs), output.winner};
}

Result<HostOutput> HostProgram::runWindow(const QByteArray& rows) const
{
    if (!m_extractor)
        return Error(ErrorKind::Usage, QStringLiteral("This model takes feature vectors, not windows of raw rows."));
    features::Extractor extractor = *m_extractor; // has scratch of its own, so that threads do not meet
    std::vector<float> features(m_model->featureCount);
    EMBER_CHECK(extractor.extract(rows, features));
    EMBER_TRY(const QByteArray encoded, encodeFeatures(features));
    return runFeatures(encoded);
}

} // namespace ember::codegen
