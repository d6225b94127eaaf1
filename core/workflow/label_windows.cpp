// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/label_windows.h"

#include "core/dataset/segment_edits.h"

#include <map>

namespace ember::workflow {

Result<dataset::Edit> labelWindows(const dataset::Project& project, const std::vector<dataset::Window>& windows,
                                   const dataset::WindowSpec& spec, const QString& label)
{
    EMBER_TRY(const std::vector<dataset::LabelSet> sets, project.labels().sets());
    QString setName = QString::fromLatin1(dataset::kDefaultLabelSet);
    for (const dataset::LabelSet& set : sets) {
        if (set.id == spec.labelSet)
            setName = set.name;
    }
    EMBER_TRY(const dataset::Label wanted, project.labels().ensureLabel(setName, label));
    std::map<dataset::RecordingId, std::vector<dataset::RowInterval>> rows;
    for (const dataset::Window& window : windows)
        rows[window.recording].push_back({window.begin, window.begin + spec.rows});
    dataset::EditMacro macro;
    macro.text = QStringLiteral("Label %1 windows").arg(windows.size());
    for (auto& [recording, intervals] : rows) {
        EMBER_TRY(const std::vector<dataset::Segment> segments, project.labels().segments(recording, wanted.set));
        for (dataset::Edit& edit : dataset::labelRows(segments, recording, wanted.id, std::move(intervals)))
            macro.edits.push_back(std::move(edit));
    }
    if (macro.edits.empty())
        return Error(ErrorKind::Usage, QStringLiteral("These windows are all '%1' already.").arg(label));
    return dataset::Edit(std::move(macro));
}

} // namespace ember::workflow
