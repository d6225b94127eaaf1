// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <QObject>
#include <QPointer>
#include <QString>

#include <functional>
#include <vector>

class QFrame;
class QWidget;

namespace ember::gui {

class ThemeHub;

/// Short messages over the lower right corner of a window, gone after a while, each with at most one button (Undo).
/// Stays while the mouse is over it. GUI thread.
class ToastHost : public QObject
{
    Q_OBJECT

public:
    ToastHost(QWidget* window, const ThemeHub& theme);

    void show(const QString& text, const QString& actionText = {}, std::function<void()> action = nullptr);
    /// What went wrong and what to do; stays until it is dismissed.
    void showError(const Error& error);
    int count() const;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void add(const QString& text, const QString& actionText, std::function<void()> action, bool stays);
    void startTimer(QFrame* toast);
    void dismiss(QFrame* toast);
    void place();

    QWidget* m_window;
    const ThemeHub& m_theme;
    std::vector<QPointer<QFrame>> m_toasts;
};

} // namespace ember::gui
