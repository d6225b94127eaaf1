// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/deploy/teaching_runner.h"
#include "app/gui/widgets/facts.h"

#include <QWidget>

#include <vector>

class QCheckBox;
class QComboBox;
class QLabel;
class QPushButton;

namespace ember::gui {

class ThemeHub;

/// What lessons do to the model: taught on the desktop and on the connected board, with what is right before and after
/// and how much can be forgotten at the most. GUI thread.
class LearnPanel : public QWidget
{
    Q_OBJECT

public:
    LearnPanel(DeployRunner& runner, AppContext& context, QWidget* parent = nullptr);

    /// Groups of the project's recordings.
    void setGroups(const QStringList& groups);
    /// Whether code that learns is wanted.
    bool learns() const;

Q_SIGNALS:
    void learnsChanged(bool learns);

private:
    QWidget* buildChoice();
    QWidget* buildButtons();
    void refresh();
    void refreshStates();
    std::vector<Fact> deskFacts() const;
    std::vector<Fact> boardFacts() const;

    DeployRunner& m_runner;
    const ThemeHub& m_theme;
    TeachingRunner m_teaching;
    QLabel* m_state;
    QCheckBox* m_learns;
    QComboBox* m_group;
    QPushButton* m_try;
    QPushButton* m_teach;
    QPushButton* m_forget;
    QPushButton* m_keep;
    QPushButton* m_cancel;
    QLabel* m_description;
    Facts* m_desk;
    Facts* m_board;
};

} // namespace ember::gui
