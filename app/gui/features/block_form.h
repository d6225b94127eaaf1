// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/features/pipeline_edits.h"

#include <QMap>
#include <QTimer>
#include <QWidget>

class QAbstractButton;
class QLabel;
class QToolButton;
class QVBoxLayout;

namespace ember::gui {

class ParameterForm;
class ThemeHub;

/// The settings of one stage or block as fields, drawn from what it says of itself, with the buttons that move it or
/// take it out. GUI thread.
class BlockForm : public QWidget
{
    Q_OBJECT

public:
    explicit BlockForm(const ThemeHub& theme, QWidget* parent = nullptr);

    /// Hidden when the pipeline has no such part.
    void show(const features::Pipeline& pipeline, std::optional<PartId> part);

Q_SIGNALS:
    /// Some settings were changed, and for a moment no others.
    void changed(const ember::features::BlockUse& use);
    void moveWanted(int direction);
    void removeWanted();

private:
    void build(const features::BlockInfo& info, const features::BlockUse& use, const QStringList& signalNames);
    QList<QAbstractButton*> addChecks(const QString& title, const QString& help, const QStringList& names,
                                      const QList<bool>& on);
    void changedSoon() { m_settle.start(); }
    features::BlockUse use() const;

    const ThemeHub& m_theme;
    QVBoxLayout* m_column;
    QLabel* m_title;
    QLabel* m_help;
    QToolButton* m_left;
    QToolButton* m_right;
    QToolButton* m_remove;
    QWidget* m_fields = nullptr; ///< made anew for each part
    ParameterForm* m_form = nullptr;
    QList<QAbstractButton*> m_channels;
    QMap<QString, QList<QAbstractButton*>> m_sets; ///< by the key of a ChoiceSet
    features::BlockInfo m_info;
    features::BlockUse m_use;
    std::optional<PartId> m_part;
    QStringList m_signalNames;
    QTimer m_settle;
};

} // namespace ember::gui
