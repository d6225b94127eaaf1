// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QStringList>

class QDoubleSpinBox;
class QLineEdit;
class QPushButton;

namespace ember::gui {

/// Asks for a file that was recorded at the same time as a recording, a sound or anything that can be imported, and for
/// when it began. GUI thread.
class BesideDialog : public QDialog
{
    Q_OBJECT

public:
    explicit BesideDialog(const QString& recording, QWidget* parent = nullptr);

Q_SIGNALS:
    /// `beginsAfter`: seconds from the beginning of the recording to that of the files.
    void chosen(const QStringList& files, double beginsAfter);

private:
    void browse();
    void check();

    QLineEdit* m_file;
    QDoubleSpinBox* m_offset;
    QPushButton* m_add;
};

} // namespace ember::gui
