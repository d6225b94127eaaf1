// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/formats/decoder.h"

#include <QByteArray>
#include <QByteArrayView>

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace ember::formats {

/// Puts values that come one by one, each with its name, together to rows. Values of one round make one row: it begins
/// with the first channel, and is complete when every channel has given one, or when the next round begins. A channel
/// that gave none then has the value before in its place, which is counted; before its first value it has 0. What comes
/// before the first round is passed over.
class NamedValues
{
public:
    struct Row
    {
        std::vector<float> values;
        std::optional<double> millis; ///< the board's time of its first value
    };

    /// `batch`: how many values of one channel may come before those of the others, 1 or more.
    NamedValues(std::vector<QByteArray> names, int batch);

    /// Index of a channel; -1 for a name that is not one.
    int find(QByteArrayView name) const;
    /// Rows that became complete wait for takeRow().
    void add(int channel, float value, std::optional<double> millis);
    bool hasRow() const { return !m_complete.empty(); }
    Row takeRow();
    /// Forgets the round that was begun.
    void clear();

    qint64 heldValues() const { return m_held; }

private:
    struct Waiting
    {
        float value;
        std::optional<double> millis;
    };

    void complete();

    std::vector<QByteArray> m_names;
    std::size_t m_batch;
    std::vector<std::deque<Waiting>> m_waiting;
    std::vector<float> m_last;
    std::deque<Row> m_complete;
    bool m_begun = false;
    std::size_t m_filled = 0; // channels with a value that waits
    qint64 m_held = 0;
    mutable std::size_t m_guess = 0; // names come in the same order again and again
};

} // namespace ember::formats
