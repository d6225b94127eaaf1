// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/shell/action_registry.h"

#include "app/gui/theme/icons.h"

#include <algorithm>

namespace ember::gui {
namespace {

constexpr int kWordStart = 12;
constexpr int kInARow = 14; // a piece of a word says more than its initials
constexpr int kLetter = 1;

} // namespace

QAction* ActionRegistry::add(QObject* parent, const QString& group, const QString& text, const QString& iconName,
                             const QKeySequence& shortcut, std::function<void()> run)
{
    auto* action = new QAction(text, parent);
    if (!iconName.isEmpty())
        action->setIcon(icon(iconName));
    action->setShortcut(shortcut);
    action->setShortcutContext(Qt::WindowShortcut);
    if (!shortcut.isEmpty())
        action->setToolTip(QStringLiteral("%1 (%2)").arg(text, shortcut.toString(QKeySequence::NativeText)));
    connect(action, &QAction::triggered, action, [run = std::move(run)] { run(); });
    m_actions.push_back({action, group, iconName});
    return action;
}

std::vector<PaletteEntry> ActionRegistry::entries() const
{
    std::vector<PaletteEntry> list;
    for (const Registered& entry : m_actions) {
        if (!entry.action || !entry.action->isEnabled() || !entry.action->isVisible())
            continue;
        QPointer<QAction> action = entry.action;
        list.push_back({action->text(), entry.group, action->shortcut().toString(QKeySequence::NativeText),
                        entry.iconName, [action] {
                            if (action)
                                action->trigger();
                        }});
    }
    for (const Provider& provider : m_providers) {
        for (PaletteEntry& entry : provider())
            list.push_back(std::move(entry));
    }
    return list;
}

int fuzzyScore(const QString& query, const QString& text)
{
    // best[j]: score of the letters so far when the last of them is text[j]; letter by letter, so every way to place
    // them is tried in |query| x |text| steps.
    constexpr int kNone = -1;
    std::vector<int> best;
    for (const QChar wanted : query) {
        if (wanted.isSpace())
            continue;
        std::vector<int> next(static_cast<std::size_t>(text.size()), kNone);
        int earlier = best.empty() ? 0 : kNone; // the best score that ends before text[j - 1]
        for (qsizetype j = 0; j < text.size(); ++j) {
            const auto at = static_cast<std::size_t>(j);
            const int before = best.empty() || j == 0 ? kNone : best[at - 1];
            const int reached = std::max(earlier, before == kNone ? kNone : before + kInARow);
            if (reached != kNone && text[j].toCaseFolded() == wanted.toCaseFolded()) {
                const bool starts = j == 0 || !text[j - 1].isLetterOrNumber();
                next[at] = reached + kLetter + (starts ? kWordStart : 0);
            }
            earlier = std::max(earlier, before);
        }
        best = std::move(next);
        if (best.empty())
            return kNone;
    }
    return best.empty() ? 0 : *std::max_element(best.begin(), best.end());
}

} // namespace ember::gui
