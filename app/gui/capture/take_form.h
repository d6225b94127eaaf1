// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/capture/take_sequence.h"
#include "core/signal/stream_spec.h"

#include <QWidget>

class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QLineEdit;
class QSpinBox;
class QToolButton;

namespace ember::gui {

class UiSettings;

/// What the next take is to be, all but its label: length, whom it is of, and, folded away until wanted, how takes
/// follow each other. Every value is remembered. GUI thread.
class TakeForm : public QWidget
{
    Q_OBJECT

public:
    /// `settings` outlives the form.
    explicit TakeForm(UiSettings& settings, QWidget* parent = nullptr);

    TakeSettings take() const; ///< without label
    TakePlan plan() const;

    /// The channels that a trigger can look at; keeps the choice where the channel is still there.
    void setStream(const signal::StreamSpec& spec);

    /// Notes are of one take.
    void clearNotes();

private:
    void buildTake(QFormLayout* rows);
    void buildDetails(QFormLayout* rows);
    void buildSequence(QFormLayout* rows);
    void buildTrigger(QFormLayout* rows);
    void setFolded(bool folded);
    void refresh();

    UiSettings& m_settings;
    QDoubleSpinBox* m_length;
    QDoubleSpinBox* m_history;
    QLineEdit* m_group;
    QLineEdit* m_session;
    QLineEdit* m_placement;
    QLineEdit* m_notes;
    QSpinBox* m_countdown;
    QSpinBox* m_takes;
    QDoubleSpinBox* m_pause;
    QComboBox* m_trigger;
    QComboBox* m_channel;
    QDoubleSpinBox* m_level;
    QToolButton* m_fold;
    QFormLayout* m_rows;
    int m_firstFolded = 0; ///< rows from here on are folded away
};

} // namespace ember::gui
