// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/shell/app_context.h"
#include "core/base/result.h"
#include "core/dataset/edits.h"
#include "core/dataset/recording.h"

#include <QWidget>

#include <functional>
#include <optional>
#include <vector>

class QCheckBox;
class QLabel;
class QLineEdit;
class QMenu;
class QTableView;

namespace ember::gui {

class RecordingFilter;
class RecordingModel;
class RecordingPictures;

/// The recordings of the project: filtered, sorted, edited several at once, discarded and taken back. Says which edit
/// the user wants. GUI thread.
class RecordingList : public QWidget
{
    Q_OBJECT

public:
    explicit RecordingList(AppContext& context);

    /// Reads the open project again; keeps the choice. Returns whether recordings changed, as RecordingModel::load.
    bool load();
    /// Whose labels are added up under the list.
    void setLabelSet(const QString& name);
    const RecordingModel& model() const { return *m_model; }
    QTableView& table() const { return *m_table; }
    QLineEdit* filterField() const { return m_filter; }
    /// Whoever puts it somewhere reads again when it is toggled.
    QCheckBox* trashBox() const { return m_trash; }
    bool showsTrash() const;

    std::optional<dataset::Recording> current() const;
    /// False when it is not there.
    bool select(dataset::RecordingId id);
    void discardChosen();

Q_SIGNALS:
    void currentChanged();
    void editWanted(const ember::dataset::Edit& edit);
    void problem(const ember::Error& error);

private:
    std::vector<dataset::Recording> chosen() const;
    void hideColumns();
    void chooseColumns(const QPoint& at);
    void fillMenu(QMenu& menu);
    void ask(const QString& title, const QString& question, const QString& suggestion,
             std::function<Result<dataset::Edit>(const QString&)> edit);
    void want(const Result<dataset::Edit>& edit);
    void emptyTrash();
    void readTotals();
    void showTotals();

    AppContext& m_context;
    RecordingModel* m_model;
    RecordingFilter* m_sorted;
    RecordingPictures* m_pictures;
    QTableView* m_table;
    QLineEdit* m_filter;
    QCheckBox* m_trash;
    QLabel* m_totals;
    QString m_totalsText; ///< of everything
    QString m_labelSet = QString::fromLatin1(dataset::kDefaultLabelSet);
};

} // namespace ember::gui
