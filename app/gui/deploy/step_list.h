// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/deploy/deploy_runner.h"

#include <QWidget>

#include <array>

class QLabel;
class QPlainTextEdit;
class QPushButton;
class QToolButton;

namespace ember::gui {

class ThemeHub;

/// The steps one under the other: what each does, how far it is, what came out, its log to fold out, a button to run it
/// alone.
class StepList : public QWidget
{
    Q_OBJECT

public:
    StepList(DeployRunner& runner, const ThemeHub& theme, QWidget* parent = nullptr);

private:
    struct Row
    {
        QLabel* icon = nullptr;
        QLabel* summary = nullptr;
        QToolButton* fold = nullptr;
        QPlainTextEdit* detail = nullptr;
        QPushButton* run = nullptr;
    };

    QWidget* buildRow(DeployRunner::Step step, Row& row);
    void refresh();

    DeployRunner& m_runner;
    const ThemeHub& m_theme;
    std::array<Row, DeployRunner::kSteps.size()> m_rows;
};

} // namespace ember::gui
