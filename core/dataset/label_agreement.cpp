// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/label_agreement.h"

#include <QHash>

#include <algorithm>
#include <map>

namespace ember::dataset {
namespace {

/// A label begins or ends in one of the sets.
struct Change
{
    qint64 row = 0;
    int side = 0;
    bool begins = false;
    const QString* label = nullptr;
};

/// How many segments of each label cover the present row.
using Covering = std::map<QString, int>;

QStringList namesIn(const Covering& covering)
{
    QStringList names;
    for (const auto& [name, count] : covering)
        names << name; // a map is sorted, and has each once
    return names;
}

std::vector<Change> changesOf(std::span<const NamedStretch> first, std::span<const NamedStretch> second)
{
    std::vector<Change> changes;
    changes.reserve(2 * (first.size() + second.size()));
    for (int side = 0; side < 2; ++side) {
        for (const NamedStretch& stretch : side == 0 ? first : second) {
            if (stretch.rows.begin >= stretch.rows.end)
                continue;
            changes.push_back({stretch.rows.begin, side, true, &stretch.label});
            changes.push_back({stretch.rows.end, side, false, &stretch.label});
        }
    }
    std::sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) { return a.row < b.row; });
    return changes;
}

/// Calls `tell(rows, first, second)` for each stretch between two changes in which at least one set says something.
template <typename Tell>
void sweep(std::span<const NamedStretch> first, std::span<const NamedStretch> second, Tell tell)
{
    const std::vector<Change> changes = changesOf(first, second);
    Covering covering[2];
    for (std::size_t i = 0; i < changes.size();) {
        const qint64 row = changes[i].row;
        for (; i < changes.size() && changes[i].row == row; ++i) {
            Covering& side = covering[changes[i].side];
            const auto at = side.try_emplace(*changes[i].label, 0).first;
            at->second += changes[i].begins ? 1 : -1;
            if (at->second == 0)
                side.erase(at);
        }
        if (i < changes.size() && (!covering[0].empty() || !covering[1].empty()))
            tell(RowInterval{row, changes[i].row}, covering[0], covering[1]);
    }
}

} // namespace

std::vector<NamedStretch> namedStretches(std::span<const Segment> segments, std::span<const Label> labels)
{
    QHash<LabelId, QString> names;
    for (const Label& label : labels)
        names.insert(label.id, label.name);
    std::vector<NamedStretch> stretches;
    for (const Segment& segment : segments) {
        if (const auto name = names.constFind(segment.label); name != names.cend())
            stretches.push_back({{segment.begin, segment.end}, *name});
    }
    return stretches;
}

std::vector<Disagreement> disagreements(std::span<const NamedStretch> first, std::span<const NamedStretch> second,
                                        qint64 leastRows)
{
    std::vector<Disagreement> found;
    sweep(first, second, [&found](RowInterval rows, const Covering& a, const Covering& b) {
        Disagreement here{rows, namesIn(a), namesIn(b)};
        if (here.first == here.second)
            return;
        const bool goesOn = !found.empty() && found.back().rows.end == rows.begin && found.back().first == here.first &&
                            found.back().second == here.second;
        if (goesOn)
            found.back().rows.end = rows.end;
        else
            found.push_back(std::move(here));
    });
    std::erase_if(found, [leastRows](const Disagreement& d) { return d.rows.end - d.rows.begin < leastRows; });
    return found;
}

void addAgreement(LabelAgreement& sum, std::span<const NamedStretch> first, std::span<const NamedStretch> second)
{
    sweep(first, second, [&sum](RowInterval rows, const Covering& a, const Covering& b) {
        const qint64 count = rows.end - rows.begin;
        sum.either += count;
        if (a.empty() || b.empty())
            return;
        const QStringList says[2] = {namesIn(a), namesIn(b)};
        sum.both += count;
        sum.equal += says[0] == says[1] ? count : 0;
        sum.firstSays[says[0].join(QLatin1Char('+'))] += count;
        sum.secondSays[says[1].join(QLatin1Char('+'))] += count;
    });
}

std::optional<double> LabelAgreement::share() const
{
    if (either == 0)
        return std::nullopt;
    return static_cast<double>(equal) / static_cast<double>(either);
}

std::optional<double> LabelAgreement::kappa() const
{
    const auto all = static_cast<double>(both);
    double chance = 0;
    for (auto said = firstSays.cbegin(); said != firstSays.cend(); ++said)
        chance += static_cast<double>(said.value()) / all * static_cast<double>(secondSays.value(said.key())) / all;
    if (both == 0 || chance >= 1)
        return std::nullopt;
    return (static_cast<double>(equal) / all - chance) / (1 - chance);
}

} // namespace ember::dataset
