// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <QFrame>

#include <functional>

class QLabel;
class QPushButton;
class QToolButton;

namespace ember::gui {

/// A bar across a page that says what happened, what was kept and what to do; details fold out. Hidden until shown.
class Notice : public QFrame
{
    Q_OBJECT

public:
    explicit Notice(QWidget* parent = nullptr);

    /// tone: "bad", "warn", "good".
    void show(const char* tone, const QString& message, const QString& hint = {}, const QString& details = {});
    void showError(const Error& error, const QString& kept = {});
    /// A button beside the text; empty text removes it.
    void setAction(const QString& text, std::function<void()> run);
    void clear();

    /// Whether `state` is another than the last one asked about. Who shows a state that lasts asks first, or a notice
    /// that was dismissed would come back with every sign of life.
    bool isNews(const QString& state);

private:
    QLabel* m_icon;
    QLabel* m_message;
    QLabel* m_details;
    QToolButton* m_fold;
    QPushButton* m_action;
    QToolButton* m_close;
    std::function<void()> m_run;
    QString m_state;
};

} // namespace ember::gui
