// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/dataset/label_assist.h"

#include "app/gui/dataset/proposal_model.h"
#include "app/gui/dataset/timeline.h"
#include "app/gui/plot/export_menu.h"
#include "app/gui/plot/track_strip.h"
#include "app/gui/shell/job_queue.h"
#include "app/gui/shell/project_session.h"
#include "app/gui/shell/ui_settings.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"
#include "app/gui/widgets/parameter_form.h"
#include "app/gui/widgets/table.h"
#include "core/base/quantity.h"
#include "core/dataset/segment_edits.h"
#include "core/workflow/segmenting.h"

#include <QComboBox>
#include <QLineEdit>
#include <QScrollArea>
#include <QTableView>

#include <algorithm>

namespace ember::gui {
namespace {

constexpr int kAssistWidth = 300;
constexpr int kMostProposalWidth = 160;

const Setting<QString> kAssistChoice{"dataset/assist", QStringLiteral("segmenter:variance")};

QString parametersOf(const AssistChoice& choice)
{
    // Settings are remembered by kind: every model has the same.
    return QStringLiteral("dataset/assist/") + (choice.model.isValid() ? QStringLiteral("model") : choice.key());
}

} // namespace

/// What a look at one recording gave.
struct LabelAssist::Preview
{
    std::shared_ptr<const dataset::RecordingFrames> frames;
    dataset::Segmentation found;
    std::vector<workflow::LabelProposal> proposals;
};

LabelAssist::LabelAssist(AppContext& context, Timeline& timeline)
    : m_context(context)
    , m_timeline(timeline)
    , m_choice(new QComboBox)
    , m_purpose(makeLabel({}, "muted"))
    , m_form(new ParameterForm)
    , m_label(new QComboBox)
    , m_look(makeButton(tr("Suggest")))
    , m_acceptAll(makeButton(tr("Accept all")))
    , m_summary(makeLabel({}, "muted"))
    , m_list(new QTableView)
    , m_model(new ProposalModel(this))
{
    setObjectName(QStringLiteral("label-assist"));
    auto* row = plainLayout<QHBoxLayout>(this, context.theme.metrics().m);
    row->addWidget(buildSettings());
    row->addWidget(buildList(), 1);
    setVisible(false);

    connect(m_choice, &QComboBox::currentIndexChanged, this, &LabelAssist::onChoice);
    connect(m_form, &ParameterForm::changed, this, [this] {
        if (const AssistChoice* chosen = choice()) {
            m_context.settings.setValues(parametersOf(*chosen), m_form->values());
            if (chosen->suggests())
                showSummary();
            else
                look();
        }
    });
    connect(m_look, &QPushButton::clicked, this, &LabelAssist::look);
    connect(m_acceptAll, &QPushButton::clicked, this, &LabelAssist::acceptAll);
    connect(m_label, &QComboBox::currentTextChanged, this, &LabelAssist::showOnTimeline);
    connect(m_list->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this] {
        if (!m_changing)
            showCurrentRows();
        showOnTimeline();
    });
}

QWidget* LabelAssist::buildSettings()
{
    const ThemeMetrics& metrics = m_context.theme.metrics();
    m_choice->setObjectName(QStringLiteral("assist-choice"));
    m_choice->setAccessibleName(tr("What proposes labels"));
    m_label->setObjectName(QStringLiteral("assist-label"));
    m_label->setEditable(true);
    m_label->setAccessibleName(tr("Label of the stretches"));
    m_label->lineEdit()->setPlaceholderText(tr("Label of the stretches"));
    m_acceptAll->setObjectName(QStringLiteral("assist-accept-all"));
    m_look->setObjectName(QStringLiteral("assist-look"));
    m_purpose->setWordWrap(true);
    auto* content = new QWidget;
    auto* column = plainLayout<QVBoxLayout>(content, metrics.s);
    column->addWidget(m_choice);
    column->addWidget(m_purpose);
    column->addWidget(m_form);
    column->addStretch(1);
    auto* scroll = new QScrollArea;
    scroll->setWidget(content);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* all = new QWidget;
    all->setFixedWidth(kAssistWidth);
    auto* rows = plainLayout<QVBoxLayout>(all, metrics.s);
    rows->addWidget(scroll, 1);
    rows->addWidget(m_label);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_look);
    buttons->addWidget(m_acceptAll, 1);
    rows->addLayout(buttons);
    return all;
}

QWidget* LabelAssist::buildList()
{
    m_list->setModel(m_model);
    m_list->setObjectName(QStringLiteral("proposals"));
    prepareTable(m_list, m_context.theme, kMostProposalWidth);
    m_list->setSortingEnabled(false); // they come by how uncertain they are
    addTableMenu(m_list, QStringLiteral("proposals"), [this] {
        const AssistChoice* chosen = choice();
        return chosen ? chosen->commandLine(m_context.project.path(), m_label->currentText(),
                                            m_form->commandLineWords(), m_form->values())
                      : QString();
    });
    auto* all = new QWidget;
    auto* column = plainLayout<QVBoxLayout>(all, m_context.theme.metrics().xs);
    column->addWidget(m_summary);
    column->addWidget(m_list, 1);
    return all;
}

const AssistChoice* LabelAssist::choice() const
{
    const int index = m_choice->currentIndex();
    return index >= 0 && index < static_cast<int>(m_choices.size()) ? &m_choices[static_cast<std::size_t>(index)]
                                                                    : nullptr;
}

void LabelAssist::setOpen(bool open)
{
    m_open = open;
    setVisible(open);
    ++m_request;
    if (!open) {
        m_frames.reset();
        m_framesOf = {};
        propose({});
        m_timeline.track().setTrack(std::nullopt);
        return;
    }
    listChoices();
    onChoice();
    m_choice->setFocus();
}

void LabelAssist::listChoices()
{
    std::vector<dataset::StoredModel> models;
    QStringList labels;
    if (m_context.project.isOpen()) {
        const dataset::Project& project = m_context.project.project();
        models = project.models().list().value_or(std::vector<dataset::StoredModel>{});
        if (const auto set = project.labels().findSet(m_timeline.activeSet())) {
            for (const dataset::Label& label : project.labels().labels(set->id).value_or(std::vector<dataset::Label>{}))
                labels << label.name;
        }
    }
    m_choices = assistChoices(models);
    const QSignalBlocker quiet(m_choice);
    const QString remembered = m_context.settings.get(kAssistChoice);
    m_choice->clear();
    for (const AssistChoice& one : m_choices) {
        m_choice->addItem(one.title);
        if (one.key() == remembered)
            m_choice->setCurrentIndex(m_choice->count() - 1);
    }
    const QString label = m_label->currentText();
    m_label->clear();
    m_label->addItems(labels);
    m_label->setCurrentText(label.isEmpty() ? labels.value(0) : label);
}

void LabelAssist::onChoice()
{
    const AssistChoice* chosen = choice();
    if (!chosen || !m_open)
        return;
    m_context.settings.set(kAssistChoice, chosen->key());
    m_purpose->setText(chosen->purpose + QLatin1Char('.'));
    m_form->setParameters(chosen->parameters(), m_context.settings.values(parametersOf(*chosen)));
    m_look->setVisible(chosen->suggests());
    m_label->setVisible(!chosen->suggests());
    m_timeline.track().setTrack(std::nullopt);
    propose({});
    if (!chosen->suggests())
        look();
}

void LabelAssist::onLabelSetChanged()
{
    if (!m_open)
        return;
    listChoices();
    propose({});
    if (const AssistChoice* chosen = choice(); chosen && !chosen->suggests())
        look();
}

void LabelAssist::refresh()
{
    if (!m_open)
        return;
    if (const AssistChoice* chosen = choice();
        chosen && !chosen->suggests() && m_timeline.recordingId() != m_lookedAt) {
        propose({});
        look();
        return;
    }
    dropLabelled();
    showOnTimeline();
}

void LabelAssist::look()
{
    const AssistChoice* chosen = choice();
    if (!chosen || !m_context.project.isOpen())
        return;
    if (chosen->suggests())
        lookForSuggestions();
    else
        lookForStretches();
}

void LabelAssist::lookForStretches()
{
    const dataset::RecordingId recording = m_timeline.recordingId();
    m_lookedAt = recording;
    const quint64 request = ++m_request;
    if (!recording.isValid())
        return;
    const auto settings = workflow::segmenterSettings(*choice()->segmenter, m_form->values());
    if (!settings) {
        Q_EMIT problem(settings.error());
        return;
    }
    auto known = m_framesOf == recording ? m_frames : nullptr;
    m_context.jobs.runQuietly<Preview>(
        [path = m_context.project.path(), recording, known, labelSet = m_timeline.activeSet(),
         settings = *settings](const JobContext& job) -> Result<Preview> {
            EMBER_TRY(const dataset::Project project, dataset::Project::open(path, dataset::Project::Access::ReadOnly));
            EMBER_TRY(const dataset::Recording about, project.recordings().get(recording));
            Preview preview{known, {}, {}};
            if (!known || known->frameRows != dataset::frameRowsFor(settings, about)) {
                EMBER_TRY(dataset::RecordingFrames frames,
                          workflow::framesFor(project, recording, settings, {job.progress, job.cancel}));
                preview.frames = std::make_shared<const dataset::RecordingFrames>(std::move(frames));
            }
            EMBER_TRY(preview.found, dataset::segmentRecording(*preview.frames, settings));
            EMBER_TRY(const std::vector<dataset::Segment> segments,
                      workflow::segmentsOfSet(project, recording, labelSet));
            preview.proposals = workflow::proposalsOf(preview.found, recording, segments, {},
                                                      dataset::leastRowsFor(settings, preview.frames->rateHz));
            return preview;
        },
        this,
        [this, request, recording](const Result<Preview>& done) {
            if (request != m_request)
                return;
            if (!done) {
                Q_EMIT problem(done.error());
                return;
            }
            m_frames = done->frames;
            m_framesOf = recording;
            showPreview(*done);
        });
}

void LabelAssist::showPreview(const Preview& preview)
{
    std::optional<TrackStrip::Track> track;
    if (!preview.found.activity.empty()) {
        track.emplace();
        track->name = tr("activity");
        const double rate = preview.frames->rateHz;
        for (std::size_t i = 0; i < preview.found.activity.size(); ++i)
            track->pieces.push_back({static_cast<double>(preview.frames->runs[i].rows.begin) / rate,
                                     static_cast<double>(preview.frames->frameRows) / rate, preview.found.activity[i]});
        for (const std::optional<double>& threshold : {preview.found.on, preview.found.off}) {
            if (threshold)
                track->thresholds.push_back(*threshold);
        }
    }
    m_timeline.track().setTrack(std::move(track));
    propose(preview.proposals);
}

void LabelAssist::lookForSuggestions()
{
    const quint64 request = ++m_request;
    m_look->setEnabled(false);
    workflow::SuggestionRequest asked = choice()->request(m_form->values(), m_context.project.path());
    asked.labelSet = m_timeline.activeSet();
    using Found = workflow::Suggestions;
    m_context.jobs.run<Found>(
        tr("Suggest labels"),
        [path = m_context.project.path(), asked](const JobContext& job) -> Result<Found> {
            EMBER_TRY(const dataset::Project project, dataset::Project::open(path, dataset::Project::Access::ReadOnly));
            return workflow::suggestLabels(project, asked, {job.progress, job.cancel});
        },
        this,
        [this, request](const Result<Found>& done) {
            m_look->setEnabled(true);
            if (request != m_request)
                return;
            if (!done) {
                Q_EMIT problem(done.error());
                return;
            }
            propose(done->proposals);
            showCurrentRows();
        });
}

void LabelAssist::propose(std::vector<workflow::LabelProposal> proposals)
{
    m_changing = true;
    m_model->setProposals(std::move(proposals), m_context.project.isOpen()
                                                    ? m_context.project.project().recordings().list().value_or(
                                                          std::vector<dataset::Recording>{})
                                                    : std::vector<dataset::Recording>{});
    if (m_model->rowCount() > 0)
        m_list->setCurrentIndex(m_model->index(0, 0));
    m_changing = false;
    showOnTimeline();
}

/// Proposals whose rows were labelled meanwhile are done with.
void LabelAssist::dropLabelled()
{
    if (!m_context.project.isOpen())
        return;
    m_changing = true;
    const auto segments =
        workflow::segmentsOfSet(m_context.project.project(), m_timeline.recordingId(), m_timeline.activeSet());
    for (int row = m_model->rowCount() - 1; segments && row >= 0; --row) {
        const workflow::LabelProposal& one = *m_model->at(row);
        const dataset::RowInterval rows{one.begin, one.end};
        if (one.recording == m_timeline.recordingId() && one.current.isEmpty() &&
            dataset::withoutLabelled(std::span(&rows, 1), *segments, 1).empty())
            m_model->removeAt(row);
    }
    m_changing = false;
}

int LabelAssist::current() const
{
    return m_list->currentIndex().row();
}

void LabelAssist::showOnTimeline()
{
    std::vector<LabelLanes::Proposal> shown;
    const auto& proposals = m_model->proposals();
    for (std::size_t i = 0; i < proposals.size(); ++i) {
        if (proposals[i].recording == m_timeline.recordingId())
            shown.push_back({proposals[i].begin, proposals[i].end,
                             proposals[i].label.isEmpty() ? m_label->currentText() : proposals[i].label,
                             static_cast<int>(i) == current()});
    }
    m_timeline.lanes().setProposals(std::move(shown));
    showSummary();
}

void LabelAssist::showCurrentRows()
{
    const workflow::LabelProposal* proposal = m_model->at(current());
    if (proposal)
        Q_EMIT rowsWanted(proposal->recording.value, proposal->begin, proposal->end);
}

std::vector<workflow::LabelProposal> LabelAssist::sureOnes() const
{
    std::vector<workflow::LabelProposal> sure;
    const AssistChoice* chosen = choice();
    for (const workflow::LabelProposal& proposal : m_model->proposals()) {
        if (chosen && proposal.current.isEmpty() && proposal.confidence >= chosen->sureFrom(m_form->values()))
            sure.push_back(proposal);
    }
    return sure;
}

void LabelAssist::showSummary()
{
    const auto sure = static_cast<qint64>(sureOnes().size());
    m_acceptAll->setText(tr("Accept %1").arg(formatCount(sure)));
    m_acceptAll->setEnabled(sure > 0 && m_context.project.isWritable());
    m_summary->setText(m_model->rowCount() == 0
                           ? tr("Nothing is proposed. What is labelled already stays as it is.")
                           : tr("%1 · Y accepts, X rejects, a digit accepts as that label, , and . step")
                                 .arg(countOf(m_model->rowCount(), tr("proposal"))));
}

Status LabelAssist::accept(std::vector<workflow::LabelProposal> proposals)
{
    for (workflow::LabelProposal& proposal : proposals) {
        if (proposal.label.isEmpty())
            proposal.label = m_label->currentText().trimmed();
    }
    EMBER_TRY(const dataset::Edit edit,
              workflow::acceptProposals(m_context.project.project(), proposals, m_timeline.activeSet()));
    Q_EMIT editWanted(edit);
    return {};
}

void LabelAssist::acceptAll()
{
    if (const Status done = accept(sureOnes()); !done) {
        Q_EMIT problem(done.error());
        return;
    }
    // Of other recordings as well: what was accepted is labelled now.
    std::vector<workflow::LabelProposal> left = m_model->proposals();
    const double sure = choice() ? choice()->sureFrom(m_form->values()) : 0;
    std::erase_if(left, [sure](const workflow::LabelProposal& proposal) {
        return proposal.current.isEmpty() && proposal.confidence >= sure;
    });
    propose(std::move(left));
}

bool LabelAssist::acceptCurrent(const QString& label)
{
    const workflow::LabelProposal* proposal = m_model->at(current());
    if (!m_open || !proposal || !m_context.project.isWritable())
        return false;
    workflow::LabelProposal accepted = *proposal;
    if (!label.isEmpty())
        accepted.label = label;
    rejectCurrent(); // it leaves the list either way
    if (const Status done = accept({accepted}); !done)
        Q_EMIT problem(done.error());
    return true;
}

bool LabelAssist::rejectCurrent()
{
    const int row = current();
    if (!m_open || !m_model->at(row))
        return false;
    m_changing = true;
    m_model->removeAt(row);
    if (m_model->rowCount() > 0)
        m_list->setCurrentIndex(m_model->index(std::min(row, m_model->rowCount() - 1), 0));
    m_changing = false;
    showCurrentRows();
    showOnTimeline();
    return true;
}

void LabelAssist::step(int direction)
{
    const int row = current() + direction;
    if (m_open && m_model->at(row))
        m_list->setCurrentIndex(m_model->index(row, 0));
}

} // namespace ember::gui
