// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plugin-api/trainer.h"

#include <QWidget>

#include <vector>

class QButtonGroup;
class QLabel;
class QLineEdit;
class QPushButton;
class QVBoxLayout;

namespace ember::gui {

class ThemeHub;

/// The chosen trainer as a card, and on demand those of all plugins by family, with a filter: what each is, and when to
/// use it.
class TrainerList : public QWidget
{
    Q_OBJECT

public:
    explicit TrainerList(const ThemeHub& theme, QWidget* parent = nullptr);

    void setTrainers(QList<plugin::TrainerInfo> trainers);
    void choose(const QString& id);
    QString chosen() const { return m_chosen; }

Q_SIGNALS:
    void chosenChanged(const QString& id);

private:
    struct Family
    {
        QLabel* title;
        std::vector<QWidget*> cards;
    };

    void arrange();
    void setOpen(bool open);

    const ThemeHub& m_theme;
    QLineEdit* m_filter;
    QVBoxLayout* m_column;
    QButtonGroup* m_group;
    QLabel* m_none;
    QPushButton* m_more;
    bool m_isOpen = false;
    std::vector<Family> m_families;
    QString m_chosen;
};

} // namespace ember::gui
