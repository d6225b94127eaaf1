// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/dataset/label_sets.h"

#include "app/gui/dataset/label_keyboard.h"
#include "app/gui/dataset/timeline.h"
#include "app/gui/shell/project_session.h"

#include <QInputDialog>
#include <QMenu>

#include <algorithm>

namespace ember::gui {
namespace {

QString saying(const QString& set, const QStringList& labels)
{
    return LabelSets::tr("%1: %2").arg(set,
                                       labels.isEmpty() ? LabelSets::tr("nothing") : labels.join(QStringLiteral(", ")));
}

} // namespace

LabelSets::LabelSets(AppContext& context, Timeline& timeline, LabelKeyboard& keyboard, QWidget* owner)
    : QObject(owner)
    , m_context(context)
    , m_timeline(timeline)
    , m_keyboard(keyboard)
    , m_owner(owner)
{}

QString LabelSets::active() const
{
    return m_timeline.activeSet();
}

void LabelSets::setActive(const QString& name)
{
    const QString wanted = name.trimmed();
    if (wanted.isEmpty() || wanted == active())
        return;
    // What was chosen or begun in the other set would be changed by the keys that are meant for this one.
    m_keyboard.cancel();
    m_timeline.lanes().select({});
    m_timeline.setActiveSet(wanted);
    Q_EMIT activeChanged();
}

QStringList LabelSets::names() const
{
    QStringList names;
    for (const dataset::LabelSet& set : m_timeline.sets())
        names << set.name;
    return names;
}

QStringList LabelSets::others() const
{
    QStringList names = this->names();
    names.removeAll(active());
    return names;
}

void LabelSets::step()
{
    const QStringList all = names();
    if (others().isEmpty()) {
        Q_EMIT told(tr("There is no other label set; C copies a label to a new one"));
        return;
    }
    setActive(all[(all.indexOf(active()) + 1) % all.size()]);
}

QString LabelSets::compared() const
{
    const QStringList all = others();
    return all.contains(m_compared) ? m_compared : all.value(0);
}

void LabelSets::compareWith(const QString& name)
{
    m_compared = name;
}

std::vector<dataset::NamedStretch> LabelSets::stretchesOf(const QString& set) const
{
    for (const dataset::LabelSet& one : m_timeline.sets()) {
        if (one.name == set)
            return dataset::namedStretches(m_timeline.segmentsOf(one.id), m_timeline.labels());
    }
    return {};
}

bool LabelSets::jumpToDisagreement(int direction)
{
    const QString other = compared();
    if (other.isEmpty()) {
        Q_EMIT told(tr("Disagreements are between two label sets, and there is no other one"));
        return true;
    }
    const auto places = dataset::disagreements(stretchesOf(active()), stretchesOf(other));
    std::vector<dataset::RowInterval> stretches;
    for (const dataset::Disagreement& place : places)
        stretches.push_back(place.rows);
    if (!m_keyboard.jump(stretches, direction))
        return false;
    const auto at = std::find_if(places.begin(), places.end(), [this](const dataset::Disagreement& place) {
        return place.rows.begin == m_keyboard.cursor();
    });
    if (at != places.end())
        Q_EMIT told(tr("%1 of %2 · %3 · %4")
                        .arg(at - places.begin() + 1)
                        .arg(places.size())
                        .arg(saying(active(), at->first), saying(other, at->second)));
    return true;
}

void LabelSets::copy(bool selectedOnly, const QString& to)
{
    workflow::LabelCopyRequest request;
    request.from = active();
    request.to = to;
    request.recording = m_timeline.recordingId();
    if (const auto segment = m_keyboard.target(); selectedOnly && segment) {
        request.segments = {segment->id};
        // One that was chosen is meant, whatever the other set says there.
        request.overLabels = true;
    } else if (selectedOnly) {
        Q_EMIT problem(LabelKeyboard::nothingChosen());
        return;
    }
    const auto copied = workflow::copyLabels(m_context.project.project(), request);
    if (!copied) {
        Q_EMIT problem(copied.error());
        return;
    }
    Q_EMIT editWanted(copied->edit);
}

void LabelSets::chooseSet(bool selectedOnly)
{
    if (!m_timeline.isWritable())
        return;
    if (selectedOnly && !m_keyboard.target()) {
        Q_EMIT problem(LabelKeyboard::nothingChosen());
        return;
    }
    if (const QStringList sets = others(); sets.size() == 1) {
        copy(selectedOnly, sets.front());
        return;
    }
    auto* menu = new QMenu(m_owner);
    menu->setObjectName(QStringLiteral("copy-to"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    fillTargets(*menu, selectedOnly);
    menu->setActiveAction(menu->actions().constFirst());
    menu->popup(m_timeline.lanes().mapToGlobal(QPoint(0, m_timeline.lanes().height())));
}

void LabelSets::copySelected()
{
    chooseSet(true);
}

void LabelSets::copyAll()
{
    chooseSet(false);
}

void LabelSets::copyToStreams()
{
    workflow::LabelCopyRequest request;
    request.from = active();
    request.recording = m_timeline.recordingId();
    const auto copied = workflow::copyLabelsToStreams(m_context.project.project(), request);
    if (!copied) {
        Q_EMIT problem(copied.error());
        return;
    }
    Q_EMIT editWanted(copied->edit);
    Q_EMIT told(
        tr("%n label(s) copied to the streams recorded at the same time", nullptr, static_cast<int>(copied->segments)));
}

void LabelSets::fillTargets(QMenu& menu, bool selectedOnly)
{
    for (const QString& name : others())
        menu.addAction(name, this, [this, selectedOnly, name] { copy(selectedOnly, name); });
    menu.addAction(tr("New label set…"), this, [this, selectedOnly] {
        askForName([this, selectedOnly](const QString& name) { copy(selectedOnly, name); });
    });
}

void LabelSets::fillMenu(QMenu& menu)
{
    const bool isWritable = m_timeline.isWritable();
    auto* one = menu.addMenu(tr("Copy the label to"));
    fillTargets(*one, true);
    one->setEnabled(isWritable && m_keyboard.target());
    auto* all = menu.addMenu(tr("Copy all labels to"));
    fillTargets(*all, false);
    all->setEnabled(isWritable && !m_timeline.activeSegments().empty());
    menu.addAction(tr("Copy all labels to the streams recorded at the same time"), this, &LabelSets::copyToStreams)
        ->setEnabled(isWritable && !m_timeline.activeSegments().empty());
    menu.addSeparator();
    auto* with = menu.addMenu(tr("Compare '%1' with").arg(active()));
    for (const QString& name : others()) {
        QAction* action = with->addAction(name, this, [this, name] { compareWith(name); });
        action->setCheckable(true);
        action->setChecked(name == compared());
    }
    with->setEnabled(!others().isEmpty());
    menu.addAction(tr("New label set…"), this, [this] { askForName([this](const QString& name) { setActive(name); }); })
        ->setEnabled(isWritable);
}

void LabelSets::askForName(const std::function<void(const QString&)>& use)
{
    auto* dialog = new QInputDialog(m_owner);
    dialog->setObjectName(QStringLiteral("label-set-name"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("New label set"));
    dialog->setLabelText(
        tr("A label set is another question about the same rows: another person's answer, a surface."));
    connect(dialog, &QInputDialog::textValueSelected, this, [use](const QString& name) {
        if (!name.trimmed().isEmpty())
            use(name.trimmed());
    });
    dialog->open();
}

} // namespace ember::gui
