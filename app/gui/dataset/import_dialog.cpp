// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/dataset/import_dialog.h"

#include "app/gui/dataset/column_table.h"
#include "app/gui/plot/export_menu.h"
#include "app/gui/shell/job_queue.h"
#include "app/gui/shell/project_session.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"
#include "app/gui/widgets/format.h"
#include "app/gui/widgets/table.h"
#include "core/base/process.h"
#include "core/base/quantity.h"

#include <QDoubleSpinBox>
#include <QFileInfo>
#include <QFormLayout>
#include <QHeaderView>
#include <QLineEdit>
#include <QListWidget>
#include <QLocale>
#include <QSplitter>
#include <QTableView>

#include <algorithm>

namespace ember::gui {
namespace {

constexpr QSize kDialogSize(940, 560);
constexpr int kListWidth = 260;
constexpr int kEditorWidth = 120;
constexpr int kRestMs = 250;
constexpr qsizetype kMostPreviewed = 200;
constexpr double kMostRate = 10e6;
constexpr qsizetype kNamedThings = 8;

QString named(const QStringList& names)
{
    if (names.size() <= kNamedThings)
        return names.join(QStringLiteral(", "));
    return ImportDialog::tr("%1 and %2 more")
        .arg(names.mid(0, kNamedThings).join(QStringLiteral(", ")))
        .arg(names.size() - kNamedThings);
}

QString aboutText(const dataset::ImportPreview& preview)
{
    QStringList words{countOf(preview.recordings, ImportDialog::tr("recording")),
                      countOf(preview.rows, ImportDialog::tr("row")),
                      preview.rateHz > 0 ? formatHertz(preview.rateHz) : ImportDialog::tr("rate unknown")};
    if (preview.segments > 0)
        words << ImportDialog::tr("%1: %2").arg(countOf(preview.segments, ImportDialog::tr("label segment")),
                                                named(preview.labels));
    if (!preview.groups.isEmpty())
        words << ImportDialog::tr("groups: %1").arg(named(preview.groups));
    if (!preview.metadata.isEmpty())
        words << ImportDialog::tr("metadata: %1").arg(named(preview.metadata));
    QString text = ImportDialog::tr("%1: %2").arg(preview.format, preview.reason) + QLatin1Char('\n') +
                   words.join(QStringLiteral(" · "));
    if (preview.isPartial)
        text += ImportDialog::tr("\nLong: only its beginning was looked at, so that counts are at least these.");
    return text;
}

} // namespace

ImportDialog::ImportDialog(AppContext& context, const QStringList& files, QWidget* parent)
    : QDialog(parent)
    , m_context(context)
    , m_jobs(context.jobs)
    , m_files(files)
    , m_list(new QListWidget)
    , m_summary(makeLabel(tr("Looking at the files…"), "muted"))
    , m_about(makeLabel({}))
    , m_warnings(makeLabel({}, "muted"))
    , m_hint(
          makeLabel(tr("Click what a column is taken as, its unit or its stream to change it. Channels of one stream "
                       "name become a recording of their own."),
                    "caption"))
    , m_model(new ColumnModel(this))
    , m_columns(new QTableView)
    , m_label(new QLineEdit)
    , m_group(new QLineEdit)
    , m_rate(new QDoubleSpinBox)
{
    setObjectName(QStringLiteral("import-preview"));
    setWindowTitle(tr("Import"));
    resize(kDialogSize);
    m_list->setObjectName(QStringLiteral("import-files"));
    auto* split = new QSplitter(Qt::Horizontal);
    split->setChildrenCollapsible(false);
    split->addWidget(m_list);
    split->addWidget(buildDetails());
    split->setStretchFactor(1, 1);
    split->setSizes({kListWidth, kDialogSize.width() - kListWidth});
    split->setHandleWidth(context.theme.metrics().s);
    auto* cancel = makeButton(tr("Cancel"));
    m_import = makeButton(tr("Import"), "main");
    m_import->setObjectName(QStringLiteral("import-accept"));
    m_import->setEnabled(false);
    m_import->setDefault(true);
    const ThemeMetrics& metrics = context.theme.metrics();
    auto* column = plainLayout<QVBoxLayout>(this, metrics.m, metrics.l);
    column->addWidget(split, 1);
    column->addWidget(buildOptions());
    auto* last = new QHBoxLayout;
    last->addWidget(m_summary, 1);
    last->addWidget(cancel);
    last->addWidget(m_import);
    column->addLayout(last);

    m_rest.setSingleShot(true);
    m_rest.setInterval(kRestMs);
    connect(&m_rest, &QTimer::timeout, this, &ImportDialog::look);
    connect(m_list, &QListWidget::currentRowChanged, this, &ImportDialog::showFile);
    connect(m_model, &ColumnModel::mappingChanged, this, &ImportDialog::noteMapping);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_import, &QPushButton::clicked, this, [this] {
        Q_EMIT importWanted();
        accept();
    });
    look();
}

ImportDialog::~ImportDialog()
{
    m_jobs.cancel(m_job);
}

QWidget* ImportDialog::buildDetails()
{
    m_columns->setModel(m_model);
    m_columns->setObjectName(QStringLiteral("import-columns"));
    prepareTable(m_columns, m_context.theme);
    m_columns->setSortingEnabled(false);         // in the order of the file
    m_columns->setTextElideMode(Qt::ElideRight); // the first values are enough
    m_columns->setItemDelegateForColumn(ColumnModel::Role, new RoleDelegate(this));
    m_columns->setEditTriggers(QAbstractItemView::AllEditTriggers);
    addTableMenu(m_columns, QStringLiteral("columns"), [this] { return commandLine(); });
    m_about->setWordWrap(true);
    m_warnings->setWordWrap(true);
    m_hint->setWordWrap(true);
    m_hint->setVisible(false);
    m_about->setObjectName(QStringLiteral("import-about"));
    m_warnings->setObjectName(QStringLiteral("import-warnings"));
    auto* details = new QWidget;
    auto* column = plainLayout<QVBoxLayout>(details, m_context.theme.metrics().s);
    column->addWidget(m_about);
    column->addWidget(m_columns, 1);
    column->addWidget(m_hint);
    column->addWidget(m_warnings);
    return details;
}

QWidget* ImportDialog::buildOptions()
{
    m_label->setObjectName(QStringLiteral("import-label"));
    m_label->setPlaceholderText(tr("as the files say"));
    m_label->setToolTip(tr("One label for all of every file, whatever the files say"));
    m_group->setObjectName(QStringLiteral("import-group"));
    m_group->setPlaceholderText(tr("as the files say"));
    m_group->setToolTip(tr("Subject, device or session: recordings of one group are never split"));
    m_rate->setObjectName(QStringLiteral("import-rate"));
    m_rate->setRange(0, kMostRate);
    m_rate->setDecimals(3);
    m_rate->setSuffix(tr(" Hz"));
    m_rate->setSpecialValueText(tr("as the files say"));
    m_rate->setToolTip(tr("For files that do not tell their rate"));
    auto* options = new QWidget;
    auto* row = plainLayout<QHBoxLayout>(options, m_context.theme.metrics().s);
    const auto add = [row](const QString& name, QWidget* field) {
        row->addWidget(makeLabel(name));
        row->addWidget(field, 1);
    };
    add(tr("Label"), m_label);
    add(tr("Group"), m_group);
    add(tr("Rate"), m_rate);
    for (QLineEdit* field : {m_label, m_group})
        connect(field, &QLineEdit::textChanged, &m_rest, qOverload<>(&QTimer::start));
    connect(m_rate, &QDoubleSpinBox::valueChanged, &m_rest, qOverload<>(&QTimer::start));
    return options;
}

dataset::ImportOptions ImportDialog::options() const
{
    dataset::ImportOptions options;
    options.label = m_label->text().trimmed();
    options.group = m_group->text().trimmed();
    options.rateHz = m_rate->value();
    options.columns = m_mappings;
    return options;
}

QString ImportDialog::commandLine() const
{
    const dataset::ImportOptions asked = options();
    QStringList words{QStringLiteral("emberlab import --project ") + shellWord(m_context.project.path())};
    const auto add = [&words](const char* option, const QString& value) {
        if (!value.isEmpty())
            words << QLatin1String(option) << shellWord(value);
    };
    add("--label", asked.label);
    add("--group", asked.group);
    add("--rate", asked.rateHz > 0 ? QString::number(asked.rateHz, 'g', QLocale::FloatingPointShortest) : QString());
    for (const dataset::ColumnMapping& mapping : asked.columns)
        add("--column", dataset::columnMappingText(mapping));
    for (const QString& file : m_files)
        words << shellWord(file);
    return words.join(QLatin1Char(' '));
}

void ImportDialog::noteMapping(const dataset::ColumnMapping& mapping)
{
    std::erase_if(m_mappings, [&mapping](const dataset::ColumnMapping& one) { return one.column == mapping.column; });
    m_mappings.push_back(mapping);
    m_rest.start();
}

void ImportDialog::look()
{
    m_isReady = false;
    const quint64 request = ++m_request;
    using Outcome = workflow::PreviewFilesOutcome;
    m_jobs.cancel(m_job);
    m_job = m_jobs.runQuietly<Outcome>(
        [files = m_files, options = options()](const JobContext& job) {
            return workflow::previewFiles(files, options, kMostPreviewed, {job.progress, job.cancel});
        },
        this,
        [this, request](const Result<Outcome>& done) {
            if (request == m_request)
                showOutcome(done);
        });
}

void ImportDialog::showOutcome(const Result<workflow::PreviewFilesOutcome>& done)
{
    m_isReady = true;
    if (!done) {
        m_summary->setText(done.error().message);
        m_import->setEnabled(false);
        Q_EMIT previewed();
        return;
    }
    m_outcome = *done;
    const int chosen = std::max(0, m_list->currentRow());
    const QSignalBlocker quiet(m_list);
    m_list->clear();
    qint64 recordings = 0;
    for (const workflow::PreviewedFile& one : m_outcome.files) {
        m_list->addItem(QFileInfo(one.file).fileName());
        m_list->item(m_list->count() - 1)->setToolTip(one.file);
        recordings += one.preview.recordings;
    }
    for (const workflow::SkippedFile& one : m_outcome.skipped) {
        m_list->addItem(tr("%1 (cannot be read)").arg(QFileInfo(one.file).fileName()));
        m_list->item(m_list->count() - 1)->setToolTip(one.file);
        m_list->item(m_list->count() - 1)->setForeground(m_context.theme.colours().bad);
    }
    QString summary = tr("%1 from %2")
                          .arg(countOf(recordings, tr("recording")),
                               countOf(static_cast<qint64>(m_outcome.files.size()), tr("file")));
    if (!m_outcome.skipped.empty())
        summary += tr(", %1 left out").arg(formatCount(static_cast<qint64>(m_outcome.skipped.size())));
    if (m_outcome.more > 0)
        summary += tr(", and %1 that were not looked at yet").arg(countOf(m_outcome.more, tr("file")));
    m_summary->setText(summary);
    m_import->setEnabled(!m_outcome.files.empty());
    m_list->setCurrentRow(std::min(chosen, m_list->count() - 1));
    showFile(m_list->currentRow());
    Q_EMIT previewed();
}

void ImportDialog::showFile(int row)
{
    const auto at = static_cast<std::size_t>(std::max(0, row));
    const std::size_t skippedAt = at - std::min(at, m_outcome.files.size());
    if (row >= 0 && at < m_outcome.files.size()) {
        const dataset::ImportPreview& preview = m_outcome.files[at].preview;
        m_about->setText(aboutText(preview));
        m_warnings->setText(preview.warnings.join(QLatin1Char('\n')));
        m_model->setColumns(preview.columns, preview.isTable);
    } else if (row >= 0 && skippedAt < m_outcome.skipped.size()) {
        const Error& why = m_outcome.skipped[skippedAt].why;
        m_about->setText(why.message);
        m_warnings->setText(why.hint);
        m_model->setColumns({}, false);
    } else {
        m_about->clear();
        m_warnings->clear();
        m_model->setColumns({}, false);
    }
    m_columns->setVisible(m_model->rowCount() > 0);
    m_hint->setVisible(row >= 0 && at < m_outcome.files.size() && m_outcome.files[at].preview.isTable);
    m_columns->resizeColumnsToContents();
    // The list in a cell needs more room than the word that it is left with.
    for (const int column : {ColumnModel::Role, ColumnModel::Unit, ColumnModel::Stream})
        m_columns->setColumnWidth(column, std::max(m_columns->columnWidth(column), kEditorWidth));
    m_columns->horizontalHeader()->setStretchLastSection(true);
}

} // namespace ember::gui
