// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/shell/app_context.h"
#include "core/dataset/edits.h"
#include "core/dataset/label_agreement.h"
#include "core/workflow/label_copy.h"

#include <QObject>
#include <QStringList>

#include <functional>

class QMenu;
class QWidget;

namespace ember::gui {

class LabelKeyboard;
class Timeline;

/// Which label set is worked on, which other one it is compared with, and copies from one to the other. Says which
/// edit is wanted; whoever owns the project does it. GUI thread.
class LabelSets : public QObject
{
    Q_OBJECT

public:
    /// `owner`: whose window dialogs and menus belong to.
    LabelSets(AppContext& context, Timeline& timeline, LabelKeyboard& keyboard, QWidget* owner);

    QString active() const;
    /// A name that is not there yet becomes a set with its first label. Another set than before: what was selected or
    /// begun in that one no longer is.
    void setActive(const QString& name);
    /// The next of the sets there are.
    void step();
    QStringList names() const;

    /// The selected label, or all of the recording, to another set: at once when there is one, and otherwise as chosen
    /// from a menu.
    void copySelected();
    void copyAll();
    void copyToStreams();
    /// To the next stretch of which the active set and the other one say different things. False when there is none.
    bool jumpToDisagreement(int direction);
    /// The set that the active one is compared with: the one chosen, or else the first other one. Empty: none.
    QString compared() const;
    void compareWith(const QString& name);

    void fillMenu(QMenu& menu);

Q_SIGNALS:
    void activeChanged();
    void editWanted(const ember::dataset::Edit& edit);
    void told(const QString& text);
    void problem(const ember::Error& error);

private:
    QStringList others() const;
    void copy(bool selectedOnly, const QString& to);
    void chooseSet(bool selectedOnly);
    void fillTargets(QMenu& menu, bool selectedOnly);
    void askForName(const std::function<void(const QString&)>& use);
    std::vector<dataset::NamedStretch> stretchesOf(const QString& set) const;

    AppContext& m_context;
    Timeline& m_timeline;
    LabelKeyboard& m_keyboard;
    QWidget* m_owner;
    QString m_compared;
};

} // namespace ember::gui
