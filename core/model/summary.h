// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/graph.h"

#include <QMap>
#include <QString>
#include <QStringList>

#include <vector>

namespace ember::model {

/// What is in a model file, whether or not it can be read as a model.
struct ModelSummary
{
    std::vector<ValueInfo> inputs;
    std::vector<ValueInfo> outputs;
    QMap<QString, int> operators; ///< "ai.onnx.ml.ZipMap", "CONV_2D" to how often
    QStringList unsupported;      ///< the operators of those that the reader refuses
    qint64 parameters = 0;        ///< numbers in constants and number attributes
};

} // namespace ember::model
