// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/features/explorer_data.h"

#include "core/workflow/dataset_split.h"
#include "core/workflow/run_predictions.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>

namespace ember::gui {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("Explorer", text);
}

void count(Colouring& colouring)
{
    for (const int category : colouring.categoryOf)
        ++colouring.categories[static_cast<std::size_t>(category)].count;
}

Category classCategory(const QString& name, int colour)
{
    return {name, {CategoryLook::Tone::Class, colour}, 0, false};
}

Category mutedCategory(const QString& name)
{
    return {name, {CategoryLook::Tone::Muted, 0}, 0, false};
}

Colouring byLabel(const ExplorerData& data)
{
    Colouring made;
    for (const QString& name : data.set.windows.classNames)
        made.categories.push_back(classCategory(name, data.classColours.value(name)));
    for (std::size_t row = 0; row < data.rows(); ++row)
        made.categoryOf.push_back(data.window(row).label);
    return made;
}

Colouring byGroup(const ExplorerData& data)
{
    Colouring made;
    for (const QString& name : data.set.windows.groupNames)
        made.categories.push_back(classCategory(name, static_cast<int>(made.categories.size())));
    for (std::size_t row = 0; row < data.rows(); ++row)
        made.categoryOf.push_back(data.window(row).group);
    return made;
}

Colouring bySplit(const ExplorerData& data)
{
    Colouring made;
    if (!data.split) {
        made.problem = data.noSplit;
        return made;
    }
    made.categories = {classCategory(tr("training"), 0), classCategory(tr("test"), 1),
                       mutedCategory(tr("on neither side"))};
    made.categoryOf.assign(data.rows(), 2);
    for (const qsizetype row : data.split->train)
        made.categoryOf[static_cast<std::size_t>(row)] = 0;
    for (const qsizetype row : data.split->test)
        made.categoryOf[static_cast<std::size_t>(row)] = 1;
    return made;
}

Colouring byCorrectness(const ExplorerData& data, const dataset::Run* run)
{
    Colouring made;
    if (!run) {
        made.problem = tr("No run has finished yet. Train one, then its mistakes can be seen here.");
        return made;
    }
    if (const QString why = workflow::runMismatch(*run, data.set); !why.isEmpty()) {
        made.problem = tr("%1. Train again, or choose the features and windows of the run.").arg(why);
        return made;
    }
    const auto stored = workflow::predictionsFromJson(run->scores.value(QStringLiteral("predictions")).toObject());
    if (!stored) {
        made.problem = stored.error().message;
        return made;
    }
    made.categories = {{tr("right"), {CategoryLook::Tone::Good, 0}, 0, false},
                       {tr("wrong"), {CategoryLook::Tone::Bad, 0}, 0, false},
                       mutedCategory(tr("not tested"))};
    made.categoryOf.assign(data.rows(), 2);
    for (std::size_t i = 0; i < stored->rows.size(); ++i) {
        const auto row = static_cast<std::size_t>(stored->rows[i]);
        if (stored->rows[i] >= 0 && row < data.rows())
            made.categoryOf[row] = stored->truth[i] == stored->predicted[i] ? 0 : 1;
    }
    return made;
}

} // namespace

QString ExplorerData::timeOf(std::size_t row) const
{
    const auto seconds = [this](qint64 rows) {
        return QLocale::c().toString(rate() > 0 ? static_cast<double>(rows) / rate() : static_cast<double>(rows), 'f',
                                     1);
    };
    const qint64 begin = window(row).begin;
    return tr("%1 – %2 s").arg(seconds(begin), seconds(begin + set.windows.spec.rows));
}

bool ExplorerData::looksLike(const ExplorerData& other) const
{
    const auto sameSides = [](const std::optional<dataset::Fold>& a, const std::optional<dataset::Fold>& b) {
        return a ? b && a->train == b->train && a->test == b->test : !b;
    };
    return set.pipeline == other.set.pipeline && set.datasetHash == other.set.datasetHash &&
           set.windows.windows == other.set.windows.windows && set.windows.classNames == other.set.windows.classNames &&
           recordingNames == other.recordingNames && classColours == other.classColours &&
           sameSides(split, other.split) &&
           std::equal(runs.begin(), runs.end(), other.runs.begin(), other.runs.end(),
                      [](const dataset::Run& a, const dataset::Run& b) { return a.id == b.id; });
}

Result<std::shared_ptr<const ExplorerData>>
loadExplorerData(const QString& path, const workflow::FeatureRequest& request, const workflow::Hooks& hooks)
{
    EMBER_TRY(const dataset::Project project, dataset::Project::open(path));
    auto data = std::make_shared<ExplorerData>();
    EMBER_TRY(data->set, workflow::computeFeatures(project, request, hooks));
    EMBER_TRY(const std::vector<dataset::Recording> recordings, project.recordings().list());
    for (const dataset::Recording& recording : recordings)
        data->recordingNames.insert(recording.id, recording.name);
    EMBER_TRY(const std::vector<dataset::Label> labels, project.labels().labels(data->set.windows.spec.labelSet));
    for (const dataset::Label& label : labels)
        data->classColours.insert(label.name, label.colour);
    EMBER_TRY(data->runs, project.runs().list());
    std::erase_if(data->runs, [](const dataset::Run& run) { return run.status != dataset::RunStatus::Finished; });
    std::reverse(data->runs.begin(), data->runs.end());
    data->ranking = workflow::rankFeatures(data->set.matrix);
    const Eigen::MatrixXf correlations =
        explore::correlations(explore::standardise(data->set.matrix.features, data->set.matrix.columns));
    data->correlations.assign(correlations.data(), correlations.data() + correlations.size());
    auto split = workflow::storedFold(project, QString::fromLatin1(workflow::kDefaultSplit),
                                      dataset::splitItems(data->set.windows));
    if (split)
        data->split = std::move(*split);
    else
        data->noSplit = QStringLiteral("%1 %2").arg(split.error().message, split.error().hint);
    return std::shared_ptr<const ExplorerData>(std::move(data));
}

Colouring colouringOf(const ExplorerData& data, ColourBy by, const dataset::Run* run)
{
    Colouring made;
    switch (by) {
    case ColourBy::Label:
        made = byLabel(data);
        break;
    case ColourBy::Group:
        made = byGroup(data);
        break;
    case ColourBy::Split:
        made = bySplit(data);
        break;
    case ColourBy::Correctness:
        made = byCorrectness(data, run);
        break;
    }
    if (made.problem.isEmpty())
        count(made);
    return made;
}

} // namespace ember::gui
