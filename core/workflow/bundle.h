// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/bundle/bundle.h"
#include "core/workflow/deploy.h"

namespace ember::workflow {

struct BundleOutcome
{
    QString path;
    QStringList files; ///< in the archive
    QString sha256;    ///< of the archive
    qint64 bytes = 0;
    int vectors = 0; ///< of the self-test
    QString warning; ///< why the board may not hold it; empty: nothing is known against it
};

/// Writes a model as a package for other people's tools, with its self-test, card, parts list and licence, to `path`;
/// a firmware bundle is built for that. `inputs` are what the self-test is made from; the card tells the scores and the
/// stored proof of the run that made the model. The same model, options and inputs give the same bytes. An export of a
/// project's model is written down in the project. Blocks; any thread. Errors: Io, those of checkRoom(), makeBundle()
/// and Toolchain::buildFirmware().
Result<BundleOutcome> writeBundle(const Deployment& deployment, codegen::BundleKind kind,
                                  const DeploymentInputs& inputs, const QString& path, const Hooks& hooks = {});

/// Flashes the image of a firmware bundle. Errors: as firmwareOfBundle() and flashImage().
Result<FlashOutcome> flashBundle(const QString& boardId, const QString& bundle, bool dryRun, const Hooks& hooks = {},
                                 const QString& port = {});

} // namespace ember::workflow
