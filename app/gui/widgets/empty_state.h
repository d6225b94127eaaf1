// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QAction;
class QLabel;
class QPushButton;

namespace ember::gui {

/// What a page shows while it has nothing: one sentence what belongs here, one button that gets it, one link.
class EmptyState : public QWidget
{
    Q_OBJECT

public:
    EmptyState(const QString& iconName, const QString& title, const QString& sentence, QWidget* parent = nullptr);

    /// The button runs and mirrors the action; call at most once each.
    void setMainAction(QAction* action);
    void setLink(QAction* action);
    void setText(const QString& title, const QString& sentence);

private:
    QLabel* m_title;
    QLabel* m_sentence;
    QPushButton* m_main;
    QPushButton* m_link;
};

/// A button that runs `action` and follows its text and state; also whether it is visible, unless somebody else
/// decides that.
void bindToAction(QPushButton* button, QAction* action, bool followVisibility = true);

} // namespace ember::gui
