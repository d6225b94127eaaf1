// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/deploy/learn_panel.h"

#include "app/gui/deploy/deploy_runner.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"
#include "app/gui/widgets/format.h"
#include "core/base/quantity.h"

#include <QCheckBox>
#include <QComboBox>
#include <QScrollArea>

namespace ember::gui {
namespace {

QString rightText(const workflow::Right& right)
{
    return right.rows == 0 ? LearnPanel::tr("none") : formatShare(right.share());
}

QString beforeAfter(const workflow::BeforeAndAfter& both)
{
    return LearnPanel::tr("%1 before, %2 after").arg(rightText(both.before), rightText(both.after));
}

const char* toneOf(const workflow::BeforeAndAfter& both)
{
    return both.loss() > 0 ? "bad" : both.loss() < 0 ? "good" : "";
}

} // namespace

LearnPanel::LearnPanel(DeployRunner& runner, AppContext& context, QWidget* parent)
    : QWidget(parent)
    , m_runner(runner)
    , m_theme(context.theme)
    , m_teaching(runner, context)
    , m_state(makeLabel({}, "muted"))
    , m_learns(new QCheckBox(tr("Code that also learns on the board")))
    , m_group(new QComboBox)
    , m_try(makeButton(tr("Try on the desktop")))
    , m_teach(makeButton(tr("Teach the board")))
    , m_forget(makeButton(tr("Forget")))
    , m_keep(makeButton(tr("Keep")))
    , m_cancel(makeButton(tr("Cancel")))
    , m_description(makeLabel({}, "caption"))
    , m_desk(new Facts)
    , m_board(new Facts)
{
    const ThemeMetrics& m = context.theme.metrics();
    auto* content = new QWidget;
    content->setObjectName(QStringLiteral("scrolled"));
    auto* column = plainLayout<QVBoxLayout>(content, m.m, m.l);
    m_state->setWordWrap(true);
    m_state->setObjectName(QStringLiteral("learn-state"));
    m_description->setWordWrap(true);
    column->addWidget(makeLabel(tr("Learning on the board"), "section"));
    column->addWidget(m_learns);
    column->addWidget(m_state);
    column->addWidget(buildChoice());
    column->addWidget(buildButtons());
    column->addWidget(m_description);
    column->addWidget(m_desk);
    column->addWidget(m_board);
    column->addStretch(1);
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(content);
    plainLayout<QVBoxLayout>(this, 0)->addWidget(scroll);
    connect(&m_teaching, &TeachingRunner::changed, this, &LearnPanel::refresh);
    refresh();
}

QWidget* LearnPanel::buildChoice()
{
    m_learns->setObjectName(QStringLiteral("learn-wanted"));
    m_learns->setToolTip(
        tr("The firmware takes labels and changes a bounded part of the model in RAM; the trained tables "
           "stay"));
    m_group->setObjectName(QStringLiteral("learn-group"));
    m_group->setToolTip(tr("Of each class the half that was recorded first is taught, the rest tests it; all other "
                           "groups are what the model knows"));
    m_group->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_group->setMinimumContentsLength(12);
    connect(m_learns, &QCheckBox::clicked, this, &LearnPanel::learnsChanged);
    auto* owner = new QWidget;
    auto* row = plainLayout<QHBoxLayout>(owner, m_theme.metrics().s);
    row->addWidget(makeLabel(tr("New to the model"), "muted"));
    row->addWidget(m_group, 1);
    return owner;
}

QWidget* LearnPanel::buildButtons()
{
    m_try->setObjectName(QStringLiteral("learn-try"));
    m_teach->setObjectName(QStringLiteral("learn-teach"));
    m_forget->setObjectName(QStringLiteral("learn-forget"));
    m_keep->setObjectName(QStringLiteral("learn-keep"));
    m_cancel->setObjectName(QStringLiteral("learn-cancel"));
    m_teach->setToolTip(
        tr("Forgets what the board had learned, teaches it, and compares every answer with the desktop"));
    m_forget->setToolTip(tr("The trained model is back; what is kept over a restart stays until Keep"));
    m_keep->setToolTip(tr("What the board knows now is there after a restart"));
    const auto chosen = [this] { return QStringList{m_group->currentText()}; };
    connect(m_try, &QPushButton::clicked, this, [this, chosen] { m_teaching.teach(chosen(), false); });
    connect(m_teach, &QPushButton::clicked, this, [this, chosen] { m_teaching.teach(chosen(), true); });
    connect(m_forget, &QPushButton::clicked, this, [this] { m_teaching.changeMemory({true, false}); });
    connect(m_keep, &QPushButton::clicked, this, [this] { m_teaching.changeMemory({false, true}); });
    connect(m_cancel, &QPushButton::clicked, &m_teaching, &TeachingRunner::cancel);
    auto* owner = new QWidget;
    auto* column = plainLayout<QVBoxLayout>(owner, m_theme.metrics().s);
    auto* lessons = new QHBoxLayout;
    lessons->setSpacing(m_theme.metrics().s);
    for (QPushButton* button : {m_try, m_teach})
        lessons->addWidget(button);
    lessons->addStretch(1);
    auto* memory = new QHBoxLayout;
    memory->setSpacing(m_theme.metrics().s);
    for (QPushButton* button : {m_forget, m_keep, m_cancel})
        memory->addWidget(button);
    memory->addStretch(1);
    column->addLayout(lessons);
    column->addLayout(memory);
    return owner;
}

void LearnPanel::setGroups(const QStringList& groups)
{
    const QString before = m_group->currentText();
    m_group->clear();
    m_group->addItems(groups);
    m_group->setCurrentIndex(std::max(0, m_group->findText(before)));
    refresh();
}

bool LearnPanel::learns() const
{
    return m_learns->isChecked();
}

void LearnPanel::refresh()
{
    refreshStates();
    m_description->setText(m_teaching.description());
    m_description->setVisible(!m_teaching.description().isEmpty());
    m_desk->setFacts(deskFacts());
    m_board->setFacts(boardFacts());
}

void LearnPanel::refreshStates()
{
    const auto& deployment = m_runner.deployment();
    const auto& why = m_runner.whyNotLearning();
    const bool learning = deployment && deployment->options.learning;
    const bool busy = m_teaching.isRunning() || m_runner.isRunning();
    QString text;
    const char* role = "muted";
    if (why) {
        text = QStringList{why->message, why->hint}.join(QLatin1Char(' '));
        role = "warn";
    } else if (m_teaching.error()) {
        text = QStringList{m_teaching.error()->message, m_teaching.error()->hint}.join(QLatin1Char(' '));
        role = "bad";
    } else if (!learning) {
        text = tr("The board can be taught windows that it has not seen, within a bound of what it may forget.");
    } else if (m_teaching.isRunning()) {
        text = tr("Teaching. The jobs at the bottom say how far it is.");
    } else if (!m_teaching.hasPupil()) {
        text = tr("Try it on the desktop. To teach the board, deploy this code and show its live inference.");
    } else {
        text = tr("The connected board runs this model and can be taught.");
    }
    m_state->setText(text.trimmed());
    setStyleProperty(m_state, "role", QLatin1String(role));
    m_learns->setEnabled(deployment && !busy);
    m_group->setEnabled(learning && !busy);
    m_try->setEnabled(learning && !busy && m_group->count() > 1);
    m_teach->setEnabled(learning && !busy && m_group->count() > 1 && m_teaching.hasPupil());
    m_forget->setEnabled(learning && !busy && m_teaching.hasPupil());
    m_keep->setEnabled(learning && !busy && m_teaching.hasPupil() &&
                       !(m_teaching.board() && !m_teaching.board()->canKeep));
    m_cancel->setVisible(m_teaching.isRunning());
}

std::vector<Fact> LearnPanel::deskFacts() const
{
    const auto& desk = m_teaching.desk();
    if (!desk)
        return {};
    std::vector<Fact> facts;
    if (m_runner.learning() && m_runner.learning()->coded)
        facts.push_back({tr("Features in whole numbers"),
                         tr("%1 of %2 answers change")
                             .arg(formatCount(m_runner.learning()->flips), formatCount(m_runner.learning()->rows))});
    facts.insert(facts.end(), {{tr("New windows right"), beforeAfter(desk->fresh), toneOf(desk->fresh)},
                               {tr("Known windows right"), beforeAfter(desk->old), toneOf(desk->old)}});
    const int worst = desk->worstClass();
    if (worst >= 0 && m_runner.deployment())
        facts.push_back({tr("Worst loss"),
                         desk->worstLoss() > 0
                             ? tr("%1 of %2")
                                   .arg(formatShare(desk->worstLoss()),
                                        m_runner.deployment()->program.model().classNames.value(worst))
                             : tr("no class lost anything"),
                         desk->worstLoss() > 0 ? "bad" : "good"});
    facts.push_back({tr("Right whatever is taught"), rightText(desk->certainRows())});
    facts.push_back({tr("Bound"), desk->bound});
    facts.push_back({tr("What is learned"), tr("%1 of RAM").arg(formatBytes(desk->stateBytes))});
    return facts;
}

std::vector<Fact> LearnPanel::boardFacts() const
{
    std::vector<Fact> facts;
    if (const auto& board = m_teaching.board()) {
        const bool same = board->mismatched == 0 && board->otherOutcomes == 0;
        facts.push_back({tr("Board, new windows right"), beforeAfter(board->fresh), toneOf(board->fresh)});
        facts.push_back({tr("Board, lessons"), formatCount(board->lessons)});
        facts.push_back({tr("Board, answers"),
                         same ? tr("all %1 are the desktop's").arg(formatCount(board->rows))
                              : tr("%1 of %2 differ from the desktop's")
                                    .arg(formatCount(board->mismatched), formatCount(board->rows)),
                         same ? "good" : "bad"});
        facts.push_back({tr("Board, source"), footprint::costSourceName(board->source)});
        if (!board->canKeep)
            facts.push_back({tr("Over a restart"), tr("forgotten: the board has no place to keep it"), "muted"});
    }
    if (const auto& memory = m_teaching.memory()) {
        facts.push_back({tr("The board knows"), tr("%1 taught windows").arg(formatCount(memory->rows))});
        if (memory->canKeep)
            facts.push_back({tr("Over a restart"), memory->kept ? tr("the same") : tr("what was kept before")});
    }
    return facts;
}

} // namespace ember::gui
