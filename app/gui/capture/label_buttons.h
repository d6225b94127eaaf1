// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/label_table.h"

#include <QWidget>

#include <vector>

class QButtonGroup;
class QLineEdit;
class QVBoxLayout;

namespace ember::gui {

class ThemeHub;

/// The labels of a set as buttons, the first nine with their digit; one or none is chosen. New ones are typed below.
class LabelButtons : public QWidget
{
    Q_OBJECT

public:
    explicit LabelButtons(const ThemeHub& theme, QWidget* parent = nullptr);

    /// Keeps the choice when a label of that name is still there.
    void setLabels(const std::vector<dataset::Label>& labels);
    /// Empty when the chosen name is not among the labels, as after a change of project.
    QString chosen() const;
    void choose(const QString& name); ///< empty: none
    /// The n-th label, from 1; does nothing beyond the last.
    void chooseNumber(int number);
    int count() const { return static_cast<int>(m_labels.size()); }
    QLineEdit* newLabelField() const { return m_new; }

Q_SIGNALS:
    void chosenChanged(const QString& name);
    void labelWanted(const QString& name); ///< one that does not exist yet

private:
    const ThemeHub& m_theme;
    std::vector<dataset::Label> m_labels;
    QString m_chosen;
    QVBoxLayout* m_column;
    QWidget* m_holder;
    QLineEdit* m_new;
};

} // namespace ember::gui
