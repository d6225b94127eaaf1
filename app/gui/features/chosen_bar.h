// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/features/explorer_data.h"
#include "app/gui/shell/app_context.h"

#include <QWidget>

class QLabel;
class QMenu;
class QPushButton;

namespace ember::gui {

/// What is chosen in the explorer, in numbers, and what can be done with it.
class ChosenBar : public QWidget
{
    Q_OBJECT

public:
    explicit ChosenBar(AppContext& context, QWidget* parent = nullptr);

    /// `note` stands where nothing is chosen.
    void show(const ExplorerData& of, const std::vector<std::size_t>& rows, const QString& note);
    void clear();
    QString text() const;

Q_SIGNALS:
    void labelWanted(const QString& label);
    void openClicked();

private:
    void fillLabelMenu();
    void askForLabel();

    AppContext& m_context;
    QLabel* m_text;
    QPushButton* m_label;
    QMenu* m_menu;
    QPushButton* m_open;
};

} // namespace ember::gui
