// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plugin-api/trainer.h"

#include <QWidget>

class QButtonGroup;
class QVBoxLayout;

namespace ember::gui {

class ThemeHub;

/// The trainers of all plugins as cards: what each is, and when to use it. One is chosen.
class TrainerList : public QWidget
{
    Q_OBJECT

public:
    explicit TrainerList(const ThemeHub& theme, QWidget* parent = nullptr);

    void setTrainers(const QList<plugin::TrainerInfo>& trainers);
    void choose(const QString& id);
    QString chosen() const { return m_chosen; }

Q_SIGNALS:
    void chosenChanged(const QString& id);

private:
    const ThemeHub& m_theme;
    QVBoxLayout* m_column;
    QButtonGroup* m_group;
    QString m_chosen;
};

} // namespace ember::gui
