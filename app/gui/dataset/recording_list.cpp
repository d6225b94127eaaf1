// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/dataset/recording_list.h"

#include "app/gui/dataset/recording_filter.h"
#include "app/gui/dataset/recording_model.h"
#include "app/gui/dataset/recording_pictures.h"
#include "app/gui/plot/export_menu.h"
#include "app/gui/shell/project_session.h"
#include "app/gui/shell/toast_host.h"
#include "app/gui/shell/ui_settings.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"
#include "app/gui/widgets/table.h"
#include "app/gui/widgets/trash_question.h"
#include "core/base/quantity.h"
#include "core/dataset/project.h"
#include "core/dataset/recording_edits.h"
#include "core/dataset/totals.h"

#include <QCheckBox>
#include <QHeaderView>
#include <QInputDialog>
#include <QLineEdit>
#include <QMenu>
#include <QTableView>

namespace ember::gui {
namespace {

constexpr int kFilterWidth = 220;
constexpr int kMostColumnWidth = 170;
constexpr QSize kPicture(56, 22);

const Setting<QStringList> kShownFields{"dataset/fields", {}};

} // namespace

RecordingList::RecordingList(AppContext& context)
    : m_context(context)
    , m_model(new RecordingModel(this))
    , m_sorted(new RecordingFilter(this))
    , m_pictures(new RecordingPictures(context.project, context.theme, kPicture, this))
    , m_table(new QTableView)
    , m_filter(new QLineEdit)
    , m_trash(new QCheckBox(tr("Trash")))
    , m_totals(makeLabel({}, "muted"))
{
    m_sorted->setSourceModel(m_model);
    m_model->setPictures([this](const dataset::Recording& recording) { return m_pictures->picture(recording); });
    connect(m_pictures, &RecordingPictures::ready, m_model, &RecordingModel::pictureChanged);
    m_table->setModel(m_sorted);
    m_table->setObjectName(QStringLiteral("recordings"));
    prepareTable(m_table, context.theme, kMostColumnWidth);
    m_table->setIconSize(kPicture);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setItemDelegateForColumn(RecordingModel::Labels,
                                      new ClassDelegate(RecordingModel::ColourRole, context.theme, m_table));
    m_table->sortByColumn(RecordingModel::Name, Qt::AscendingOrder);
    addTableMenu(
        m_table, QStringLiteral("recordings"),
        [this] { return QStringLiteral("emberlab info --json --project '%1'").arg(m_context.project.path()); },
        [this](QMenu& menu) { fillMenu(menu); });
    QHeaderView* header = m_table->horizontalHeader();
    header->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(header, &QWidget::customContextMenuRequested, this, &RecordingList::chooseColumns);
    connect(m_model, &QAbstractItemModel::modelReset, this, &RecordingList::hideColumns);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &RecordingList::currentChanged);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &RecordingList::showTotals);

    m_filter->setPlaceholderText(tr("Filter recordings"));
    m_filter->setToolTip(tr("Words that must all fit; group:, tag:, label:, FIELD:, is:unlabelled, is:duplicate; - in "
                            "front of a word turns it round"));
    m_filter->setClearButtonEnabled(true);
    m_filter->setFixedWidth(kFilterWidth);
    m_filter->setObjectName(QStringLiteral("filter"));
    connect(m_filter, &QLineEdit::textChanged, m_sorted, &RecordingFilter::setWords);
    m_trash->setObjectName(QStringLiteral("show-trash"));
    m_trash->setToolTip(tr("Show the recordings that were discarded"));

    auto* frame = makeFrame("panel");
    plainLayout<QVBoxLayout>(frame, 0, 1)->addWidget(m_table);
    auto* column = plainLayout<QVBoxLayout>(this, context.theme.metrics().xs);
    column->addWidget(frame, 1);
    column->addWidget(m_totals);
    m_totals->setWordWrap(true);
    m_totals->setObjectName(QStringLiteral("totals"));
    hideColumns();
}

bool RecordingList::showsTrash() const
{
    return m_trash->isChecked();
}

bool RecordingList::load()
{
    const auto before = current();
    const bool isNew = m_model->load(m_context.project.isOpen() ? &m_context.project.project() : nullptr, showsTrash());
    hideColumns();
    if (!m_table->currentIndex().isValid() && !(before && select(before->id)) && m_sorted->rowCount() > 0)
        m_table->setCurrentIndex(m_sorted->index(0, 0));
    readTotals();
    showTotals();
    return isNew;
}

void RecordingList::hideColumns()
{
    // Lost rows and duplicates are the exception; a column of nothing would only take the room.
    m_table->setColumnHidden(RecordingModel::Lost, !m_model->hasLosses());
    m_table->setColumnHidden(RecordingModel::SameAs, !m_model->hasDuplicates());
    bool tagged = false;
    for (int row = 0; row < m_model->rowCount() && !tagged; ++row)
        tagged = !dataset::tagsOf(*m_model->at(row)).isEmpty();
    m_table->setColumnHidden(RecordingModel::Tags, !tagged);
    const QStringList shown = m_context.settings.get(kShownFields);
    for (qsizetype i = 0; i < m_model->fields().size(); ++i)
        m_table->setColumnHidden(RecordingModel::FixedColumns + static_cast<int>(i),
                                 !shown.contains(m_model->fields()[i]));
}

void RecordingList::chooseColumns(const QPoint& at)
{
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const QStringList shown = m_context.settings.get(kShownFields);
    for (const QString& field : m_model->fields()) {
        QAction* action = menu->addAction(field);
        action->setCheckable(true);
        action->setChecked(shown.contains(field));
        connect(action, &QAction::toggled, this, [this, field](bool on) {
            QStringList now = m_context.settings.get(kShownFields);
            now.removeAll(field);
            if (on)
                now << field;
            m_context.settings.set(kShownFields, now);
            hideColumns();
        });
    }
    if (m_model->fields().isEmpty())
        menu->addAction(tr("The recordings have no further fields"))->setEnabled(false);
    menu->popup(m_table->horizontalHeader()->mapToGlobal(at));
}

std::optional<dataset::Recording> RecordingList::current() const
{
    const dataset::Recording* recording = m_model->at(m_sorted->mapToSource(m_table->currentIndex()).row());
    return recording ? std::optional(*recording) : std::nullopt;
}

std::vector<dataset::Recording> RecordingList::chosen() const
{
    std::vector<dataset::Recording> recordings;
    for (const QModelIndex& index : m_table->selectionModel()->selectedRows()) {
        if (const dataset::Recording* recording = m_model->at(m_sorted->mapToSource(index).row()))
            recordings.push_back(*recording);
    }
    return recordings;
}

bool RecordingList::select(dataset::RecordingId id)
{
    const int row = m_model->rowOf(id);
    if (row < 0)
        return false;
    QModelIndex index = m_sorted->mapFromSource(m_model->index(row, 0));
    if (!index.isValid()) {
        m_filter->clear();
        index = m_sorted->mapFromSource(m_model->index(row, 0));
    }
    m_table->setCurrentIndex(index);
    return true;
}

void RecordingList::want(const Result<dataset::Edit>& edit)
{
    if (edit)
        Q_EMIT editWanted(*edit);
    else
        Q_EMIT problem(edit.error());
}

void RecordingList::discardChosen()
{
    const std::vector<dataset::Recording> recordings = chosen();
    if (recordings.empty() || showsTrash())
        return;
    want(dataset::setTrashed(recordings, true));
    m_context.toasts.show(
        recordings.size() == 1
            ? tr("Discarded %1").arg(recordings.front().name)
            : tr("Discarded %1").arg(countOf(static_cast<qint64>(recordings.size()), tr("recording"))),
        tr("Undo"), [this] { m_context.project.undoStack().undo(); });
}

void RecordingList::ask(const QString& title, const QString& question, const QString& suggestion,
                        std::function<Result<dataset::Edit>(const QString&)> edit)
{
    auto* dialog = new QInputDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(title);
    dialog->setLabelText(question);
    dialog->setTextValue(suggestion);
    connect(dialog, &QInputDialog::textValueSelected, this,
            [this, edit = std::move(edit)](const QString& text) { want(edit(text)); });
    dialog->open();
}

void RecordingList::fillMenu(QMenu& menu)
{
    const std::vector<dataset::Recording> recordings = chosen();
    if (recordings.empty() || !m_context.project.isWritable())
        return;
    if (showsTrash()) {
        menu.addAction(tr("Restore"), this, [this, recordings] { want(dataset::setTrashed(recordings, false)); });
        menu.addAction(tr("Empty the trash…"), this, &RecordingList::emptyTrash);
        menu.addSeparator();
        return;
    }
    const QString count = countOf(static_cast<qint64>(recordings.size()), tr("recording"));
    menu.addAction(tr("Set group…"), this, [this, recordings, count] {
        ask(tr("Set group"), tr("Group of %1:").arg(count), recordings.front().group.name,
            [recordings](const QString& name) { return dataset::setGroupOf(recordings, name); });
    });
    menu.addAction(tr("Add tag…"), this, [this, recordings, count] {
        ask(tr("Add tag"), tr("Tag for %1:").arg(count), {},
            [recordings](const QString& tag) { return dataset::addTag(recordings, tag); });
    });
    QStringList tags;
    for (const dataset::Recording& recording : recordings)
        tags << dataset::tagsOf(recording);
    tags.removeDuplicates();
    if (!tags.isEmpty()) {
        QMenu* remove = menu.addMenu(tr("Remove tag"));
        for (const QString& tag : tags)
            remove->addAction(tag, this, [this, recordings, tag] { want(dataset::removeTag(recordings, tag)); });
    }
    menu.addAction(tr("Set field…"), this, [this, recordings, count] {
        ask(tr("Set field"), tr("Field and value for %1, as field=value:").arg(count), {},
            [recordings](const QString& text) {
                return dataset::setField(recordings, text.section(QLatin1Char('='), 0, 0),
                                         text.section(QLatin1Char('='), 1).trimmed());
            });
    });
    menu.addAction(tr("Discard"), this, &RecordingList::discardChosen);
    menu.addSeparator();
}

/// The one thing here that cannot be taken back, hence the question.
void RecordingList::emptyTrash()
{
    askToEmptyTrash(this, m_model->rowCount(), [this] {
        const auto removed = m_context.project.project().recordings().emptyTrash();
        if (!removed) {
            Q_EMIT problem(removed.error());
            return;
        }
        // Edits of what is gone cannot be taken back any more.
        m_context.project.undoStack().clear();
        m_context.project.announceChange();
    });
}

void RecordingList::readTotals()
{
    m_totalsText.clear();
    if (!m_context.project.isOpen() || showsTrash())
        return;
    const auto totals = dataset::totalsOf(m_context.project.project());
    if (!totals)
        return;
    QStringList labels, groups;
    for (const dataset::LabelTotal& label : totals->labels) {
        if (label.segments > 0 && label.set == m_labelSet)
            labels << tr("%1 %2").arg(label.label.name, formatSeconds(label.seconds));
    }
    for (const dataset::GroupTotal& group : totals->groups)
        groups << tr("%1: %2, %3 labelled")
                      .arg(group.name.isEmpty() ? tr("no group") : group.name, formatSeconds(group.seconds),
                           formatSeconds(group.labelledSeconds));
    m_totalsText = labels.join(QStringLiteral(" · "));
    m_totals->setToolTip(groups.join(QLatin1Char('\n')));
}

void RecordingList::setLabelSet(const QString& name)
{
    m_labelSet = name;
    readTotals();
    showTotals();
}

void RecordingList::showTotals()
{
    const std::vector<dataset::Recording> recordings = chosen();
    double seconds = 0;
    for (const dataset::Recording& recording : recordings)
        seconds += recording.durationSeconds();
    m_totals->setText(
        recordings.size() > 1
            ? tr("%1 selected, %2").arg(formatCount(static_cast<qint64>(recordings.size())), formatSeconds(seconds))
            : m_totalsText);
}

} // namespace ember::gui
