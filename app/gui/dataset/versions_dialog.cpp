// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/dataset/versions_dialog.h"

#include "app/gui/shell/project_session.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"
#include "core/base/quantity.h"
#include "core/workflow/dataset_versions.h"

#include <QComboBox>
#include <QFontDatabase>
#include <QLineEdit>
#include <QLocale>
#include <QPlainTextEdit>

namespace ember::gui {
namespace {

constexpr QSize kVersionsSize(620, 460);
const QString kNow = QStringLiteral("now");

QString titleOf(const workflow::DatasetVersion& version)
{
    const dataset::Snapshot& kept = version.snapshot;
    QStringList words;
    if (!kept.name.isEmpty())
        words << kept.name;
    if (!version.runs.isEmpty())
        words << VersionsDialog::tr("of %1").arg(version.runs.join(QStringLiteral(", ")));
    words << QLocale::system().toString(kept.created.toLocalTime(), QLocale::ShortFormat)
          << countOf(kept.recordings, VersionsDialog::tr("recording"))
          << countOf(kept.segments, VersionsDialog::tr("segment"));
    return words.join(QStringLiteral(" · "));
}

} // namespace

VersionsDialog::VersionsDialog(AppContext& context, QWidget* parent)
    : QDialog(parent)
    , m_context(context)
    , m_name(new QLineEdit)
    , m_from(new QComboBox)
    , m_to(new QComboBox)
    , m_problem(makeLabel({}, "bad"))
    , m_changes(new QPlainTextEdit)
{
    setWindowTitle(tr("Versions of the data set"));
    setObjectName(QStringLiteral("versions"));
    resize(kVersionsSize);
    m_name->setObjectName(QStringLiteral("version-name"));
    m_name->setPlaceholderText(tr("Name"));
    m_from->setObjectName(QStringLiteral("version-from"));
    m_to->setObjectName(QStringLiteral("version-to"));
    m_changes->setObjectName(QStringLiteral("version-changes"));
    m_changes->setReadOnly(true);
    m_changes->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_problem->setWordWrap(true);
    QPushButton* keepButton = makeButton(tr("Keep what there is now"));
    keepButton->setObjectName(QStringLiteral("version-keep"));
    keepButton->setEnabled(context.project.isWritable());

    const ThemeMetrics& metrics = context.theme.metrics();
    auto* column = plainLayout<QVBoxLayout>(this, metrics.s, metrics.m);
    auto* keepLine = new QHBoxLayout;
    keepLine->addWidget(m_name, 1);
    keepLine->addWidget(keepButton);
    column->addLayout(keepLine);
    column->addWidget(m_problem);
    column->addWidget(makeLabel(tr("What has changed"), "section"));
    auto* choice = new QHBoxLayout;
    choice->addWidget(makeLabel(tr("from")));
    choice->addWidget(m_from, 1);
    choice->addWidget(makeLabel(tr("to")));
    choice->addWidget(m_to, 1);
    column->addLayout(choice);
    column->addWidget(m_changes, 1);

    connect(keepButton, &QPushButton::clicked, this, &VersionsDialog::keep);
    connect(m_name, &QLineEdit::returnPressed, this, &VersionsDialog::keep);
    connect(m_from, &QComboBox::currentIndexChanged, this, &VersionsDialog::compare);
    connect(m_to, &QComboBox::currentIndexChanged, this, &VersionsDialog::compare);
    connect(&context.project, &ProjectSession::projectChanged, this, &QDialog::close);
    list();
}

void VersionsDialog::tell(const Error& error)
{
    m_problem->setText(error.message + QLatin1Char(' ') + error.hint);
}

void VersionsDialog::list()
{
    const auto versions = workflow::datasetVersions(m_context.project.project());
    if (!versions) {
        tell(versions.error());
        return;
    }
    for (QComboBox* box : {m_from, m_to}) {
        const QSignalBlocker quiet(box);
        box->clear();
        for (const workflow::DatasetVersion& version : *versions)
            box->addItem(titleOf(version),
                         version.snapshot.name.isEmpty() ? version.snapshot.hash : version.snapshot.name);
        box->addItem(tr("now"), kNow);
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    }
    // Since the last one that was kept, as it is mostly wanted.
    m_from->setCurrentIndex(std::max(0, m_from->count() - 2));
    m_to->setCurrentIndex(m_to->count() - 1);
    compare();
}

void VersionsDialog::keep()
{
    m_problem->clear();
    const QString name = m_name->text().trimmed();
    if (name.isEmpty() || name == kNow) {
        m_problem->setText(tr("Give the version a name first."));
        return;
    }
    const dataset::Project& project = m_context.project.project();
    const auto content = dataset::datasetContent(project);
    const auto kept = content ? dataset::SnapshotTable(project.database()).put(name, *content)
                              : Result<dataset::Snapshot>(content.error());
    if (!kept) {
        tell(kept.error());
        return;
    }
    m_name->clear();
    m_context.project.announceChange();
    list();
}

void VersionsDialog::compare()
{
    const dataset::Project& project = m_context.project.project();
    const auto before = workflow::contentOfVersion(project, m_from->currentData().toString());
    const auto after = workflow::contentOfVersion(project, m_to->currentData().toString());
    if (!before || !after) {
        tell(before ? after.error() : before.error());
        return;
    }
    m_changes->setPlainText(workflow::describe(dataset::compareContents(*before, *after)).join(QLatin1Char('\n')));
}

} // namespace ember::gui
