// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractButton>
#include <QFrame>
#include <QMap>

class QAction;
class QButtonGroup;
class QVBoxLayout;

namespace ember::gui {

class ThemeHub;

/// One task of the rail: icon, name and what the step holds. Narrow rails show the icon alone.
class RailButton : public QAbstractButton
{
    Q_OBJECT

public:
    RailButton(const QString& iconName, const QString& text, const ThemeHub& theme, QWidget* parent = nullptr);

    void setCount(const QString& count);
    QString count() const { return m_count; }
    void setNarrow(bool narrow);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent*) override;
    void enterEvent(QEnterEvent*) override { update(); }
    void leaveEvent(QEvent*) override { update(); }

private:
    QString m_iconName;
    QString m_count;
    const ThemeHub& m_theme;
    bool m_narrow = false;
};

/// The tasks in the order of the work, down the left edge.
class Rail : public QFrame
{
    Q_OBJECT

public:
    explicit Rail(const ThemeHub& theme, QWidget* parent = nullptr);

    void addPage(const QString& id, const QString& iconName, const QString& title, const QString& keys);
    /// A button at the lower end that runs the action.
    void addTool(const QString& iconName, const QString& text, QAction* action);
    void setCurrent(const QString& id);
    void setCount(const QString& id, const QString& count);
    QString count(const QString& id) const;
    void setWide(bool wide);
    bool isWide() const { return m_wide; }

Q_SIGNALS:
    void pageChosen(const QString& id);
    void wideChanged(bool wide);

private:
    const ThemeHub& m_theme;
    QVBoxLayout* m_column;
    QButtonGroup* m_group;
    QMap<QString, RailButton*> m_pages;
    QList<RailButton*> m_tools;
    bool m_wide = true;
};

} // namespace ember::gui
