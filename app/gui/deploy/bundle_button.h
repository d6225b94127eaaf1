// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/bundle/bundle.h"

#include <QPushButton>

namespace ember::gui {

struct AppContext;
class DeployRunner;

/// Writes the model that is being deployed as a package for other tools: a menu of the kinds, a question where to, a
/// job, a toast. GUI thread.
class BundleButton : public QPushButton
{
    Q_OBJECT

public:
    BundleButton(DeployRunner& runner, AppContext& context, QWidget* parent = nullptr);

    /// What the menu does once a file is chosen. Nothing without a deployment.
    void write(codegen::BundleKind kind, const QString& path);

private:
    void ask(codegen::BundleKind kind);

    DeployRunner& m_runner;
    AppContext& m_context;
};

} // namespace ember::gui
