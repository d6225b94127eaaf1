// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/dataset/assist_choice.h"
#include "app/gui/shell/app_context.h"
#include "core/base/result.h"
#include "core/dataset/edits.h"

#include <QWidget>

#include <memory>
#include <vector>

class QComboBox;
class QLabel;
class QPushButton;
class QTableView;

namespace ember::gui {

class ParameterForm;
class ProposalModel;
class Timeline;

/// Help with labelling: proposes stretches of the shown recording by a rule, live while its settings change, or
/// suggests labels in all recordings by a model or by what is labelled. They are drawn hollow on the timeline until
/// they are accepted, one by one or together; each acceptance is one undo step. Says which edit is wanted. GUI thread.
class LabelAssist : public QWidget
{
    Q_OBJECT

public:
    /// Both outlive it.
    LabelAssist(AppContext& context, Timeline& timeline);

    /// Shows it, with the models that there are now, or hides it and what it proposed.
    void setOpen(bool open);
    bool isOpen() const { return m_open; }

    /// The timeline shows another recording, or its labels have changed.
    void refresh();

    /// Another label set is worked on: what was proposed was for the one before.
    void onLabelSetChanged();

    const ProposalModel& proposals() const { return *m_model; }
    /// False when nothing is proposed. An empty name: the proposal's own label, or the one that is chosen.
    bool acceptCurrent(const QString& label = {});
    bool rejectCurrent();
    void step(int direction);

Q_SIGNALS:
    void editWanted(const ember::dataset::Edit& edit);
    void rowsWanted(qint64 recording, qint64 begin, qint64 end);
    void problem(const ember::Error& error);

private:
    struct Preview;

    QWidget* buildSettings();
    QWidget* buildList();
    const AssistChoice* choice() const;
    void listChoices();
    void onChoice();
    void look();
    void lookForStretches();
    void lookForSuggestions();
    void showPreview(const Preview& preview);
    void propose(std::vector<workflow::LabelProposal> proposals);
    void dropLabelled();
    void showOnTimeline();
    void showCurrentRows();
    void showSummary();
    void acceptAll();
    std::vector<workflow::LabelProposal> sureOnes() const;
    Status accept(std::vector<workflow::LabelProposal> proposals);
    int current() const;

    AppContext& m_context;
    Timeline& m_timeline;
    std::vector<AssistChoice> m_choices;
    QComboBox* m_choice;
    QLabel* m_purpose;
    ParameterForm* m_form;
    QComboBox* m_label;
    QPushButton* m_look;
    QPushButton* m_acceptAll;
    QLabel* m_summary;
    QTableView* m_list;
    ProposalModel* m_model;
    std::shared_ptr<const dataset::RecordingFrames> m_frames; ///< of m_framesOf
    dataset::RecordingId m_framesOf;
    dataset::RecordingId m_lookedAt; ///< the recording that the preview is of
    quint64 m_request = 0;           ///< the newest wins
    bool m_open = false;
    bool m_changing = false; ///< the choice in the list follows what is done, and is not the user's
};

} // namespace ember::gui
