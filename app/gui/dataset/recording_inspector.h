// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/edits.h"
#include "core/dataset/label_table.h"
#include "core/dataset/recording.h"

#include <QWidget>

#include <optional>
#include <vector>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QVBoxLayout;

namespace ember::gui {

class Facts;
class Inspector;
class LabelButtons;
class ThemeHub;

/// What is selected and its numbers: the recording with its name and group to edit, and the selected label. Says which
/// edit the user wants. GUI thread.
class RecordingInspector : public QWidget
{
    Q_OBJECT

public:
    explicit RecordingInspector(const ThemeHub& theme, QWidget* parent = nullptr);

    void showRecording(const std::optional<dataset::Recording>& recording, bool writable);
    void showSegment(const std::optional<dataset::Segment>& segment, double rate);
    void showLabels(const std::vector<dataset::Label>& labels, const std::optional<dataset::Segment>& segment);

    void showLabelSets(const QStringList& names, const QString& active);

    LabelButtons& labels() const { return *m_labels; }

Q_SIGNALS:
    void editWanted(const ember::dataset::Edit& edit);
    void removeSegmentClicked();
    /// One of those there are, or a new name.
    void labelSetChosen(const QString& name);

private:
    void commitName();
    void commitGroup();

    Inspector* m_inspector;
    QLineEdit* m_name;
    QLineEdit* m_group;
    Facts* m_facts;
    QComboBox* m_set;
    LabelButtons* m_labels;
    Facts* m_segmentFacts;
    QPushButton* m_remove;
    std::optional<dataset::Recording> m_recording;
};

} // namespace ember::gui
