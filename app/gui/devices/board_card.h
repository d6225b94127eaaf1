// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QString>

class QLabel;
class QPushButton;

namespace ember::gui {

class ThemeHub;

/// What a card shows of a board; a value, so that emulated boards and ports look alike.
struct BoardCardData
{
    QString key; ///< board id or port name
    QString name;
    QString detail; ///< "Cortex-M4F · 25 MHz · FPU"
    QString iconName;
    qint64 flashBytes = 0; ///< 0: unknown, no bars
    qint64 ramBytes = 0;
};

/// One board: name, core, memory as bars, its state in words and one button.
class BoardCard : public QFrame
{
    Q_OBJECT

public:
    /// The bars end at the largest memories among the boards shown.
    BoardCard(const BoardCardData& shown, qint64 mostFlash, qint64 mostRam, const ThemeHub& theme,
              QWidget* parent = nullptr);

    const QString& key() const { return m_data.key; }
    /// tone: "muted", "good", "warn", "bad".
    void setState(const QString& text, const char* tone);
    /// Empty text: nothing can be done, no button.
    void setButton(const QString& text, bool enabled, const QString& tip = {});
    void setSelected(bool selected);

Q_SIGNALS:
    void chosen(const QString& key);
    void buttonClicked(const QString& key);

protected:
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    BoardCardData m_data;
    QLabel* m_state;
    QPushButton* m_button;
};

} // namespace ember::gui
