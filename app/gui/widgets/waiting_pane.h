// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/theme/theme_hub.h"

#include <QWidget>

class QLabel;
class QProgressBar;
class QPushButton;

namespace ember::gui {

/// Stands where something will be: what is being done and how far it is, with a button that cancels; or why there is
/// nothing, with a button that tries again.
class WaitingPane : public QWidget
{
    Q_OBJECT

public:
    explicit WaitingPane(const ThemeHub& theme, QWidget* parent = nullptr);

    /// `fraction` 0..1, or negative when it is not known.
    void showBusy(const QString& text, double fraction);
    void showProblem(const QString& text, bool canTryAgain = false);

Q_SIGNALS:
    void cancelClicked();
    void againClicked();

private:
    QLabel* m_text;
    QProgressBar* m_progress;
    QPushButton* m_cancel;
    QPushButton* m_again;
};

} // namespace ember::gui
