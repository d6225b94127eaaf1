// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/dataset/edits.h"
#include "core/dataset/recording_reader.h"

#include <QObject>

#include <optional>
#include <vector>

namespace ember::gui {

class Timeline;

/// Labelling without the mouse: a cursor over the timeline, and what the keys do at it. A label's key begins a label at
/// the cursor, the same key ends it there; edges, splits and jumps follow the cursor. Says which edit is wanted;
/// whoever owns the project does it. GUI thread.
class LabelKeyboard : public QObject
{
    Q_OBJECT

public:
    explicit LabelKeyboard(Timeline& timeline, QObject* parent = nullptr);

    /// Row of the cursor; empty until it was moved or set by a click.
    std::optional<qint64> cursor() const { return m_cursor; }
    void setCursor(qint64 row);
    /// No cursor and nothing begun: another recording is shown.
    void reset();

    enum class Step
    {
        Row,  ///< one sample
        View, ///< a hundredth of what is shown
        Edge, ///< to the next end of a label or gap
        End,  ///< to the end of the recording
    };
    void move(int direction, Step step);

    /// The key of a label. True when it was understood as a beginning or an end; false without a cursor.
    bool labelKey(dataset::LabelId label);
    /// Forgets a label that was begun. False when none was.
    bool cancel();
    bool hasBegun() const { return m_begun.has_value(); }

    /// Each moves the cursor, selects, and shows what it found. False when there is none in that direction.
    bool jumpToUnlabelled(int direction);
    bool jumpToLabel(int direction);
    bool jumpToGap(int direction);
    bool jumpToChange(int direction);
    /// To the beginning of the next of these, which are in order.
    bool jump(const std::vector<dataset::RowInterval>& stretches, int direction);

    /// The selected label, or the one of the active set under the cursor.
    std::optional<dataset::Segment> target() const;
    /// That there is none.
    static Error nothingChosen();

    // With target(). Errors: Usage, for the user.
    Status split();
    Status mergeWithNext();
    Status setEdge(bool begin); ///< moves that end to the cursor
    Status nudge(int rows);

Q_SIGNALS:
    void editWanted(const ember::dataset::Edit& edit);

private:
    struct Begun
    {
        dataset::LabelId label;
        qint64 row = 0;
    };

    void goTo(qint64 row);
    void showMark();
    Status want(Result<dataset::Edit> edit);

    Timeline& m_timeline;
    std::optional<qint64> m_cursor;
    std::optional<Begun> m_begun;
};

} // namespace ember::gui
