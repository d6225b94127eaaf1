// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>

class QCheckBox;
class QComboBox;
class QLabel;
class QPlainTextEdit;

namespace ember::gui {

class DeviceSession;

/// What a board on a port speaks: a live preview of what it sends, the format it is taken for and why, and the choice
/// to say otherwise, which connects again.
class FormatPanel : public QWidget
{
    Q_OBJECT

public:
    explicit FormatPanel(DeviceSession& devices, QWidget* parent = nullptr);

    /// "auto", "agent" or the name of a format: for the next connection.
    QString chosenFormat() const;
    /// Whether every byte of a port is kept in a file; tells the session.
    void setKeepsBytes(bool keeps);
    /// Shows the session as it is; hides itself where there is nothing to choose.
    void refresh();

Q_SIGNALS:
    void formatChosen(const QString& name);
    /// By the user; the port is to be connected again.
    void keepsBytesChosen(bool keeps);

private:
    QString guessText() const;
    QString reasonText() const;

    DeviceSession& m_devices;
    QComboBox* m_choice;
    QLabel* m_guess;
    QLabel* m_reason;
    QPlainTextEdit* m_preview;
    QCheckBox* m_keepsBytes;
    QLabel* m_rawLog;
};

} // namespace ember::gui
