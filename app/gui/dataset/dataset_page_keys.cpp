// SPDX-License-Identifier: GPL-3.0-or-later
// The Dataset page by keyboard: which key does what, and the list of them.
#include "app/gui/capture/label_buttons.h"
#include "app/gui/dataset/change_finder.h"
#include "app/gui/dataset/dataset_page.h"
#include "app/gui/dataset/label_assist.h"
#include "app/gui/dataset/label_keyboard.h"
#include "app/gui/dataset/label_sets.h"
#include "app/gui/dataset/recording_inspector.h"
#include "app/gui/dataset/recording_list.h"
#include "app/gui/dataset/timeline.h"
#include "app/gui/shell/project_session.h"
#include "app/gui/shell/toast_host.h"
#include "app/gui/widgets/notice.h"

#include <QLineEdit>
#include <QShortcut>

namespace ember::gui {
namespace {

constexpr int kLabelDigits = 9;

} // namespace

void DatasetPage::registerKeys()
{
    const auto onKey = [this](const QKeySequence& keys, std::function<void()> run) {
        auto* shortcut = new QShortcut(keys, this);
        shortcut->setContext(Qt::WidgetWithChildrenShortcut);
        connect(shortcut, &QShortcut::activated, this, std::move(run));
    };
    using Step = LabelKeyboard::Step;
    for (int digit = 1; digit <= kLabelDigits; ++digit)
        onKey(static_cast<Qt::Key>(Qt::Key_0 + digit), [this, digit] { onDigit(digit); });
    onKey(QKeySequence::Delete, [this] { removeSelected(); });
    onKey(Qt::Key_F, [this] { m_timeline->time().fit(); });
    onKey(QKeySequence(Qt::CTRL | Qt::Key_F), [this] { m_list->filterField()->setFocus(); });
    for (const int direction : {-1, 1}) {
        const auto arrow = [direction](Qt::KeyboardModifiers with) {
            return QKeySequence(QKeyCombination(with, direction < 0 ? Qt::Key_Left : Qt::Key_Right));
        };
        onKey(arrow(Qt::NoModifier), [this, direction] { m_keyboard->move(direction, Step::View); });
        onKey(arrow(Qt::ShiftModifier), [this, direction] { m_keyboard->move(direction, Step::Row); });
        onKey(arrow(Qt::ControlModifier), [this, direction] { m_keyboard->move(direction, Step::Edge); });
        onKey(arrow(Qt::AltModifier), [this, direction] { tell(m_keyboard->nudge(direction)); });
        onKey(direction < 0 ? Qt::Key_Home : Qt::Key_End,
              [this, direction] { m_keyboard->move(direction, Step::End); });
        const Qt::KeyboardModifiers back = direction < 0 ? Qt::ShiftModifier : Qt::NoModifier;
        const auto letter = [back](Qt::Key key) { return QKeySequence(QKeyCombination(back, key)); };
        onKey(letter(Qt::Key_N),
              [this, direction] { jump(m_keyboard->jumpToUnlabelled(direction), tr("unlabelled stretch")); });
        onKey(letter(Qt::Key_L), [this, direction] { jump(m_keyboard->jumpToLabel(direction), tr("label")); });
        onKey(letter(Qt::Key_G), [this, direction] { jump(m_keyboard->jumpToGap(direction), tr("gap")); });
        onKey(letter(Qt::Key_D),
              [this, direction] { jump(m_sets->jumpToDisagreement(direction), tr("disagreement")); });
        onKey(letter(Qt::Key_K),
              [this, direction] { jump(m_keyboard->jumpToChange(direction), tr("change in what is shown")); });
    }
    onKey(Qt::Key_A, [this] { m_sets->step(); });
    onKey(Qt::Key_C, [this] { m_sets->copySelected(); });
    onKey(QKeySequence(Qt::SHIFT | Qt::Key_C), [this] { m_sets->copyAll(); });
    onKey(Qt::Key_E, [this] { toggleSnapping(); });
    onKey(Qt::Key_S, [this] { tell(m_keyboard->split()); });
    onKey(Qt::Key_M, [this] { tell(m_keyboard->mergeWithNext()); });
    onKey(Qt::Key_BracketLeft, [this] { tell(m_keyboard->setEdge(true)); });
    onKey(Qt::Key_BracketRight, [this] { tell(m_keyboard->setEdge(false)); });
    onKey(Qt::Key_Escape, [this] {
        if (!m_keyboard->cancel())
            m_timeline->lanes().select({});
    });
    onKey(Qt::Key_Y, [this] { m_assist->acceptCurrent(); });
    onKey(Qt::Key_X, [this] { m_assist->rejectCurrent(); });
    onKey(Qt::Key_Comma, [this] { m_assist->step(-1); });
    onKey(Qt::Key_Period, [this] { m_assist->step(1); });
    onKey(Qt::Key_T, [this] { focusTimeline(); });
}

/// The table would take the arrows for itself.
void DatasetPage::focusTimeline()
{
    m_timeline->lanes().setFocus();
    if (!m_keyboard->cursor())
        m_keyboard->setCursor(0);
}

void DatasetPage::onDigit(int digit)
{
    const bool relabels = m_timeline->lanes().selected().has_value();
    m_inspector->labels().chooseNumber(digit);
    if (!relabels && digit <= m_inspector->labels().count() && m_assist->acceptCurrent(m_inspector->labels().chosen()))
        return;
    if (relabels || digit > m_inspector->labels().count())
        return;
    const auto label =
        context().project.project().labels().ensureLabel(m_sets->active(), m_inspector->labels().chosen());
    if (label)
        m_keyboard->labelKey(label->id);
}

void DatasetPage::jump(bool found, const QString& what)
{
    if (!found)
        context().toasts.show(tr("No further %1").arg(what));
}

void DatasetPage::tell(const Status& done)
{
    if (!done)
        notice().show("warn", done.error().message, done.error().hint);
}

QList<KeyHint> DatasetPage::keys() const
{
    return {
        {tr("1…9"), tr("begin, end")},
        {tr("← →"), tr("cursor")},
        {tr("N"), tr("next unlabelled")},
        {tr("Del"), tr("remove")},
        {tr("F"), tr("fit")},
        {tr("T"), tr("arrows for the timeline")},
        {tr("L"), tr("next label")},
        {tr("G"), tr("next gap")},
        {tr("[ ]"), tr("edge to the cursor")},
        {tr("S"), tr("split")},
        {tr("M"), tr("merge with the next")},
        {tr("Shift+← →"), tr("by a sample")},
        {tr("Ctrl+← →"), tr("by an edge")},
        {tr("Alt+← →"), tr("move the label by a sample")},
        {tr("K"), tr("next change of the signal")},
        {tr("E"), tr("edges snap, or not")},
        {tr("A"), tr("another label set")},
        {tr("C"), tr("copy the label to another set")},
        {tr("Shift+C"), tr("copy all labels to another set")},
        {tr("D"), tr("next disagreement of two sets")},
        {tr("Shift+N L G K D"), tr("backwards")},
        {tr("Ctrl+L"), tr("find stretches, suggest labels")},
        {tr("Y X"), tr("accept, reject a proposal")},
        {tr(", ."), tr("step through proposals")},
    };
}

void DatasetPage::toggleSnapping()
{
    const bool snaps = !m_timeline->lanes().isSnapping();
    m_changes->setSnapping(snaps);
    context().toasts.show(snaps ? tr("Edges go to changes of the signal and to other labels")
                                : tr("Edges go where they are put"));
}

} // namespace ember::gui
