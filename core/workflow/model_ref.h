// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/dataset/ids.h"
#include "core/model/graph.h"

#include <QByteArray>

namespace ember::workflow {

/// A model with where it came from.
struct ReferredModel
{
    model::Model model;
    QString name;
    QString hash;        ///< SHA-256 of the ONNX bytes
    QString projectPath; ///< empty: a file of its own
    dataset::ModelId id; ///< in that project
};

/// "model.onnx", "project.ember#3" (the model with this number) or "project.ember" (the newest). Errors: NotFound, as
/// loadModel and Project::open.
Result<ReferredModel> loadModelRef(const QString& ref);

} // namespace ember::workflow
