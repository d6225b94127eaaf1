// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/shell/app_context.h"
#include "core/base/result.h"

#include <QDialog>

class QComboBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;

namespace ember::gui {

/// Versions of the data set: keeps the present one under a name, and says what has changed between two. GUI thread.
class VersionsDialog : public QDialog
{
    Q_OBJECT

public:
    explicit VersionsDialog(AppContext& context, QWidget* parent = nullptr);

private:
    void list();
    void keep();
    void compare();
    void tell(const Error& error);

    AppContext& m_context;
    QLineEdit* m_name;
    QComboBox* m_from;
    QComboBox* m_to;
    QLabel* m_problem;
    QPlainTextEdit* m_changes;
};

} // namespace ember::gui
