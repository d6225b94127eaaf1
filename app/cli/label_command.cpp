// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/label_set_actions.h"
#include "app/cli/options.h"
#include "app/cli/text_table.h"
#include "core/base/quantity.h"
#include "core/dataset/project.h"
#include "core/workflow/label_suggestions.h"
#include "core/workflow/segmenting.h"

#include <QHash>
#include <QJsonArray>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>

namespace ember::cli {
namespace {

constexpr qsizetype kMostShownProposals = 40; ///< as text; --json has all

/// What proposals say about recordings by their number.
class ProposalText
{
public:
    static Result<ProposalText> make(const dataset::Project& project)
    {
        ProposalText text;
        EMBER_TRY(const std::vector<dataset::Recording> recordings, project.recordings().list());
        for (const dataset::Recording& recording : recordings)
            text.m_recordings.insert(recording.id, recording);
        return text;
    }

    /// `isRated`: the confidence says something; rules and people have none.
    QJsonObject json(const workflow::LabelProposal& proposal, bool isRated) const
    {
        QJsonObject object{{QStringLiteral("recording"), m_recordings.value(proposal.recording).name},
                           {QStringLiteral("begin_row"), proposal.begin},
                           {QStringLiteral("end_row"), proposal.end},
                           {QStringLiteral("label"), proposal.label},
                           {QStringLiteral("confidence"), isRated ? QJsonValue(proposal.confidence) : QJsonValue()},
                           {QStringLiteral("current"), proposal.current}};
        if (const double rate = m_recordings.value(proposal.recording).stream.rateHz; rate > 0) {
            object.insert(QStringLiteral("begin_s"), static_cast<double>(proposal.begin) / rate);
            object.insert(QStringLiteral("end_s"), static_cast<double>(proposal.end) / rate);
        }
        return object;
    }

    QStringList row(const workflow::LabelProposal& proposal, bool isRated) const
    {
        const double rate = m_recordings.value(proposal.recording).stream.rateHz;
        const auto at = [rate](qint64 row) {
            return rate > 0 ? QString::number(static_cast<double>(row) / rate, 'f', 2) : QString::number(row);
        };
        return {m_recordings.value(proposal.recording).name,
                at(proposal.begin),
                at(proposal.end),
                proposal.label,
                isRated ? QString::number(std::floor(proposal.confidence * 100)) + QStringLiteral(" %") : QString(),
                proposal.current};
    }

private:
    QHash<dataset::RecordingId, dataset::Recording> m_recordings;
};

Result<Output> outputOf(const dataset::Project& project, const std::vector<workflow::LabelProposal>& proposals,
                        qint64 applied, bool isRated)
{
    EMBER_TRY(const ProposalText text, ProposalText::make(project));
    QJsonArray list;
    TextTable table({QStringLiteral("recording"), QStringLiteral("from"), QStringLiteral("to"), QStringLiteral("label"),
                     QStringLiteral("sure"), QStringLiteral("now")});
    for (const workflow::LabelProposal& proposal : proposals) {
        if (list.size() < kMostShownProposals)
            table.add(text.row(proposal, isRated));
        list.append(text.json(proposal, isRated));
    }
    Output output;
    output.result = {{QStringLiteral("proposals"), list}, {QStringLiteral("applied"), applied}};
    if (!proposals.empty())
        output.text = table.toString();
    if (list.size() > kMostShownProposals)
        output.text += QStringLiteral("... and %1 more (--json has all)\n").arg(list.size() - kMostShownProposals);
    output.text +=
        QStringLiteral("%1, %2 labelled.").arg(countOf(list.size(), QStringLiteral("proposal")), formatCount(applied));
    return output;
}

/// `label add`, `segment`, `suggest`, `copy` and `compare`: a command with commands of its own.
class LabelCommand : public Command
{
public:
    QString name() const override { return QStringLiteral("label"); }
    QString summary() const override
    {
        return QStringLiteral(
            "Label stretches by hand, by a segmenter, or as a model suggests; copy and compare label sets");
    }
    QString example() const override
    {
        return QStringLiteral("emberlab label segment --project gestures.ember --method variance --label move\n"
                              "  emberlab label suggest --project gestures.ember --accept 0.9\n"
                              "  emberlab label copy --project gestures.ember --to second\n"
                              "  emberlab label compare --project gestures.ember --with second");
    }

    void declare(CLI::App& app) override
    {
        app.require_subcommand(1);
        declareAdd(*(m_add = app.add_subcommand("add", "Label a stretch of one recording")));
        declareSegment(
            *(m_segment = app.add_subcommand("segment", "Find stretches by a rule and label them; what is labelled "
                                                        "stays as it is")));
        declareSuggest(*(m_suggest = app.add_subcommand(
                             "suggest", "Say what unlabelled stretches may be, the least certain first")));
        std::vector<CLI::App*> all = m_sets.declare(app);
        all.insert(all.end(), {m_add, m_segment, m_suggest});
        for (CLI::App* one : all) {
            one->fallthrough(); // --json and -q are those of the command above
            one->add_option("--project,-p", m_project, "The project")->required();
            one->add_option("--label-set", m_labelSet, "Label set (default: label)");
        }
    }

    Result<Output> run(const Context& context) override
    {
        EMBER_TRY(dataset::Project project, dataset::Project::open(qs(m_project)));
        if (m_sets.isWanted())
            return m_sets.run(project, qs(m_labelSet));
        if (m_add->parsed())
            return runAdd(project);
        return m_segment->parsed() ? runSegment(project, context) : runSuggest(project, context);
    }

private:
    void declareAdd(CLI::App& app)
    {
        app.add_option("--recording", m_recording, "Its name")->required();
        app.add_option("--label", m_label, "The label; made when it does not exist")->required();
        app.add_option("--from", m_from, "Beginning, from that of the recording: 2.5s, 1 min")->required();
        app.add_option("--to", m_to, "End")->required();
    }

    void declareSegment(CLI::App& app)
    {
        QStringList methods, help;
        for (const dataset::SegmentMethod method : dataset::kSegmentMethods) {
            QStringList keys;
            for (const plugin::ParameterSpec& spec : workflow::segmenterParameters(method))
                keys << spec.key;
            methods << dataset::segmentMethodName(method);
            help << QStringLiteral("%1: %2").arg(methods.back(), keys.join(QStringLiteral(", ")));
        }
        app.add_option("--method", m_method, methods.join(QStringLiteral(", ")).toStdString())->capture_default_str();
        app.add_option("--set", m_settings,
                       "key=value; may be repeated. " + help.join(QStringLiteral("; ")).toStdString())
            ->allow_extra_args(false);
        app.add_option("--label", m_label, "The label that the stretches get");
        app.add_option("--recording", m_recordings, "Names; all when none is given");
        app.add_flag("--over-labels", m_overLabels, "Also where something is labelled; that is cut back");
        app.add_flag("--dry-run", m_dryRun, "Only look");
    }

    void declareSuggest(CLI::App& app)
    {
        auto* model = app.add_option("--model", m_model, "PROJECT.ember#NUMBER (default: the project's newest)");
        auto* nearest = app.add_flag("--nearest", m_nearest, "By the nearest labelled window instead of a model");
        model->excludes(nearest);
        app.add_option("--only", m_label, "Only this label: propagates it to similar windows");
        app.add_option("--recording", m_recordings, "Names; all when none is given");
        app.add_option("--accept", m_accept, "Label what is at least so certain, 0 to 1; otherwise only look")
            ->check(CLI::Range(0.0, 1.0));
        app.add_flag("--disagreements", m_disagreements, "Also stretches that are labelled otherwise; never accepted");
        app.add_option("--window", m_window, "--nearest: length of a window")->capture_default_str();
        app.add_option("--stride", m_stride, "--nearest: from one window to the next")->capture_default_str();
        app.add_option("--preset", m_preset, "--nearest: preset of features")->capture_default_str();
    }

    QStringList recordingNames() const
    {
        QStringList names;
        for (const std::string& name : m_recordings)
            names << qs(name);
        return names;
    }

    Result<qint64> accept(dataset::Project& project, const std::vector<workflow::LabelProposal>& proposals,
                          bool overLabels = false) const
    {
        if (proposals.empty())
            return qint64(0);
        EMBER_TRY(const dataset::Edit edit, workflow::acceptProposals(project, proposals, qs(m_labelSet), overLabels));
        EMBER_CHECK(dataset::apply(project, edit));
        return static_cast<qint64>(proposals.size());
    }

    Result<Output> runAdd(dataset::Project& project)
    {
        EMBER_TRY(const dataset::Recording recording, project.recordings().find(qs(m_recording)));
        EMBER_TRY(const double from, parseSeconds(qs(m_from)));
        EMBER_TRY(const double to, parseSeconds(qs(m_to)));
        const double rate = recording.stream.rateHz;
        if (rate <= 0)
            return Error(ErrorKind::Usage,
                         QStringLiteral("The rate of '%1' is not known, so seconds are no rows.").arg(recording.name),
                         QStringLiteral("Import it again with its rate."));
        const workflow::LabelProposal wanted{
            recording.id, std::llround(from * rate), std::llround(to * rate), qs(m_label), 1.0, {}};
        if (wanted.begin >= wanted.end)
            return Error(ErrorKind::Usage, QStringLiteral("The stretch ends before it begins."),
                         QStringLiteral("Give --from and --to in this order."));
        EMBER_TRY(const qint64 applied, accept(project, {wanted}, true));
        return outputOf(project, {wanted}, applied, false);
    }

    Result<Output> runSegment(dataset::Project& project, const Context& context)
    {
        workflow::SegmentRequest request;
        EMBER_TRY(const dataset::SegmentMethod method, dataset::segmentMethodFromName(qs(m_method)));
        EMBER_TRY(const QVariantMap given, parseSettings(m_settings));
        EMBER_TRY(request.settings, workflow::segmenterSettings(method, given));
        request.label = qs(m_label);
        request.labelSet = qs(m_labelSet);
        request.recordings = recordingNames();
        request.overLabels = m_overLabels;
        if (request.label.isEmpty() && !m_dryRun)
            return Error(ErrorKind::Usage, QStringLiteral("It is not said which label the stretches get."),
                         QStringLiteral("Give --label, or --dry-run to look only."));
        EMBER_TRY(const std::vector<workflow::LabelProposal> proposals,
                  workflow::proposeSegments(project, request, hooksOf(context)));
        EMBER_TRY(const qint64 applied,
                  m_dryRun ? Result<qint64>(qint64(0)) : accept(project, proposals, m_overLabels));
        EMBER_TRY(Output output, outputOf(project, proposals, applied, false));
        if (proposals.empty())
            output.text +=
                QStringLiteral("\nNothing was found with these settings%1. Change them with --set; 'emberlab "
                               "label segment --help' lists them.")
                    .arg(m_overLabels ? QString()
                                      : QStringLiteral(" outside of what is labelled (--over-labels looks "
                                                       "there too)"));
        return output;
    }

    Result<Output> runSuggest(dataset::Project& project, const Context& context)
    {
        workflow::SuggestionRequest request;
        request.source = m_nearest ? workflow::SuggestionSource::Neighbours : workflow::SuggestionSource::Model;
        request.model = qs(m_model);
        request.labelSet = qs(m_labelSet);
        request.onlyLabel = qs(m_label);
        request.recordings = recordingNames();
        request.disagreements = m_disagreements;
        request.features.preset = qs(m_preset);
        EMBER_TRY(request.features.windowSeconds, parseSeconds(qs(m_window)));
        EMBER_TRY(request.features.strideSeconds, parseSeconds(qs(m_stride)));
        EMBER_TRY(const workflow::Suggestions suggestions, workflow::suggestLabels(project, request, hooksOf(context)));
        std::vector<workflow::LabelProposal> sure;
        for (const workflow::LabelProposal& proposal : suggestions.proposals) {
            if (m_accept && proposal.confidence >= *m_accept && proposal.current.isEmpty())
                sure.push_back(proposal);
        }
        EMBER_TRY(const qint64 applied, accept(project, sure));
        EMBER_TRY(Output output, outputOf(project, suggestions.proposals, applied, true));
        output.result.insert(QStringLiteral("by"), suggestions.by);
        output.result.insert(QStringLiteral("windows"), suggestions.windows);
        output.result.insert(QStringLiteral("unlike"), suggestions.unlike);
        output.text += QStringLiteral("\nBy %1, from %2.")
                           .arg(suggestions.by, countOf(suggestions.windows, QStringLiteral("window")));
        if (suggestions.proposals.empty())
            output.text += whyNothing(suggestions);
        return output;
    }

    QString whyNothing(const workflow::Suggestions& suggestions) const
    {
        if (suggestions.windows == 0)
            return QStringLiteral("\nNo recording is as long as a window and fits to what was learned from.");
        return QStringLiteral("\nOf these windows, %1 are like nothing that is known; the others %2.")
            .arg(formatCount(suggestions.unlike),
                 m_disagreements ? QStringLiteral("are labelled as the model would")
                                 : QStringLiteral("are labelled already (--disagreements shows where otherwise)"));
    }

    LabelSetActions m_sets;
    CLI::App* m_add = nullptr;
    CLI::App* m_segment = nullptr;
    CLI::App* m_suggest = nullptr;
    std::string m_project, m_labelSet, m_recording, m_label, m_from, m_to, m_model;
    std::string m_method = "variance";
    std::string m_window = "2s";
    std::string m_stride = "1s";
    std::string m_preset = "auto";
    std::vector<std::string> m_settings, m_recordings;
    std::optional<double> m_accept;
    bool m_overLabels = false;
    bool m_dryRun = false;
    bool m_nearest = false;
    bool m_disagreements = false;
};

} // namespace

std::unique_ptr<Command> makeLabelCommand()
{
    return std::make_unique<LabelCommand>();
}

} // namespace ember::cli
