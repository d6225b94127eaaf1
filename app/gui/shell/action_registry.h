// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAction>
#include <QKeySequence>
#include <QObject>
#include <QPointer>
#include <QString>

#include <functional>
#include <vector>

namespace ember::gui {

/// Something the palette can do: an action of the program, or a thing of the project to go to.
struct PaletteEntry
{
    QString text;
    QString group;    ///< shown beside it: "Go to", "Capture", "Recording"
    QString shortcut; ///< as text; may be empty
    QString iconName;
    std::function<void()> run;
};

/// Every action of the window by id, so that palette, menus and keys show the same ones. Owns none of them; an action
/// that was deleted is left out. GUI thread.
class ActionRegistry : public QObject
{
    Q_OBJECT

public:
    using Provider = std::function<std::vector<PaletteEntry>()>;

    using QObject::QObject;

    /// A new action owned by `parent`, with its shortcut active in the whole window.
    QAction* add(QObject* parent, const QString& group, const QString& text, const QString& iconName,
                 const QKeySequence& shortcut, std::function<void()> run);

    /// Asked each time the palette opens: recordings, runs, boards.
    void addProvider(Provider provider) { m_providers.push_back(std::move(provider)); }

    /// Everything that can be done now, in the order it was registered, then what the providers tell.
    std::vector<PaletteEntry> entries() const;

private:
    struct Registered
    {
        QPointer<QAction> action;
        QString group;
        QString iconName;
    };

    std::vector<Registered> m_actions;
    std::vector<Provider> m_providers;
};

/// How well `query` fits `text`: its letters in order, better at the starts of words and in a row. Negative: not at
/// all.
int fuzzyScore(const QString& query, const QString& text);

} // namespace ember::gui
