// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/deploy/bundle_button.h"

#include "app/gui/deploy/deploy_runner.h"
#include "app/gui/shell/app_context.h"
#include "app/gui/shell/job_queue.h"
#include "app/gui/shell/toast_host.h"
#include "core/base/quantity.h"
#include "core/workflow/bundle.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>

namespace ember::gui {
namespace {

constexpr qint64 kSelfTestRows = 16;

QString kindTitle(codegen::BundleKind kind)
{
    switch (kind) {
    case codegen::BundleKind::Arduino:
        return BundleButton::tr("Arduino library");
    case codegen::BundleKind::PlatformIo:
        return BundleButton::tr("PlatformIO project");
    case codegen::BundleKind::CMake:
        return BundleButton::tr("CMake library");
    case codegen::BundleKind::Zephyr:
        return BundleButton::tr("Zephyr module");
    case codegen::BundleKind::CmsisPack:
        return BundleButton::tr("CMSIS-Pack");
    case codegen::BundleKind::Firmware:
        return BundleButton::tr("Firmware for this board");
    }
    return {};
}

} // namespace

BundleButton::BundleButton(DeployRunner& runner, AppContext& context, QWidget* parent)
    : QPushButton(tr("Export"), parent)
    , m_runner(runner)
    , m_context(context)
{
    setObjectName(QStringLiteral("deploy-export"));
    setToolTip(tr("Write the model as a package for other tools, with a self-test and its model card"));
    auto* kinds = new QMenu(this);
    for (const codegen::BundleKind kind : codegen::bundleKinds())
        connect(kinds->addAction(kindTitle(kind)), &QAction::triggered, this, [this, kind] { ask(kind); });
    setMenu(kinds);
    const auto refresh = [this] { setEnabled(m_runner.deployment().has_value()); };
    connect(&runner, &DeployRunner::changed, this, refresh);
    refresh();
}

void BundleButton::ask(codegen::BundleKind kind)
{
    if (!m_runner.deployment())
        return;
    const QDir beside = QFileInfo(m_runner.target().project).dir();
    const QString name = codegen::bundleFileName(kind, m_runner.deployment()->program.model().name);
    auto* dialog = new QFileDialog(this, kindTitle(kind), beside.filePath(name));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QFileInfo(name).suffix());
    connect(dialog, &QFileDialog::fileSelected, this, [this, kind](const QString& path) { write(kind, path); });
    dialog->open();
}

void BundleButton::write(codegen::BundleKind kind, const QString& path)
{
    if (!m_runner.deployment())
        return;
    m_context.jobs.run<workflow::BundleOutcome>(
        tr("Export: %1").arg(kindTitle(kind)),
        [kind, path, deployment = *m_runner.deployment()](const JobContext& job) -> Result<workflow::BundleOutcome> {
            const workflow::Hooks hooks{job.progress, job.cancel};
            EMBER_TRY(const workflow::DeploymentInputs inputs,
                      workflow::defaultInputs(deployment, kSelfTestRows, hooks));
            return workflow::writeBundle(deployment, kind, inputs, path, hooks);
        },
        this,
        [this](const Result<workflow::BundleOutcome>& outcome) {
            if (!outcome) {
                m_context.toasts.showError(outcome.error());
                return;
            }
            const QString written = tr("%1 written: %2, a self-test of %3 windows")
                                        .arg(QFileInfo(outcome->path).fileName(), formatBytes(outcome->bytes))
                                        .arg(outcome->vectors);
            m_context.toasts.show(outcome->warning.isEmpty() ? written
                                                             : written + QLatin1Char('\n') + outcome->warning);
        });
}

} // namespace ember::gui
