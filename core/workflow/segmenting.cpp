// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/segmenting.h"

#include "core/dataset/segment_edits.h"
#include "core/learn/parameters.h"

namespace ember::workflow {
namespace {

using dataset::SegmenterSettings;
using dataset::SegmentMethod;
using plugin::ParameterSpec;
using plugin::ParameterType;

constexpr double kLongestSetting = 3600; ///< seconds

/// A setting with where it goes.
struct Setting
{
    ParameterSpec spec;
    double SegmenterSettings::*field;
};

Setting seconds(const QString& key, const QString& name, double SegmenterSettings::*field, double least,
                const QString& help)
{
    return {{key,
             ParameterType::Real,
             SegmenterSettings{}.*field,
             least,
             kLongestSetting,
             {},
             name,
             QStringLiteral("s"),
             help},
            field};
}

Setting number(const QString& key, const QString& name, double SegmenterSettings::*field, double least, double most,
               const QString& help)
{
    return {{key, ParameterType::Real, SegmenterSettings{}.*field, least, most, {}, name, {}, help}, field};
}

std::vector<Setting> settingsOf(SegmentMethod method)
{
    using S = SegmenterSettings;
    const Setting frame = seconds(QStringLiteral("frame"), QStringLiteral("Frame"), &S::frame, 0.001,
                                  QStringLiteral("The signal is looked at in pieces of this length."));
    const Setting threshold =
        number(QStringLiteral("threshold"), QStringLiteral("Threshold"), &S::threshold, 0, 1e9,
               QStringLiteral("Activity that counts, in the channels' unit; 0 finds the valley between two kinds."));
    const Setting length = seconds(QStringLiteral("length"), QStringLiteral("Length"), &S::length, 0.001,
                                   QStringLiteral("Length of each stretch."));
    switch (method) {
    case SegmentMethod::Variance:
    case SegmentMethod::Energy:
        return {frame,
                threshold,
                number(QStringLiteral("release"), QStringLiteral("Release"), &S::release, 0.01, 1,
                       QStringLiteral("A stretch ends below this share of the threshold; less keeps it together.")),
                seconds(QStringLiteral("merge"), QStringLiteral("Merge"), &S::merge, 0,
                        QStringLiteral("Stretches closer than this become one.")),
                seconds(QStringLiteral("least"), QStringLiteral("Least"), &S::least, 0,
                        QStringLiteral("Shorter stretches do not count.")),
                seconds(QStringLiteral("pad"), QStringLiteral("Pad"), &S::pad, 0,
                        QStringLiteral("Added before and after each stretch."))};
    case SegmentMethod::Peaks:
        return {frame, threshold,
                number(QStringLiteral("prominence"), QStringLiteral("Prominence"), &S::prominence, 0, 100,
                       QStringLiteral("How far a peak rises over its valleys, as a share of the threshold.")),
                length,
                seconds(QStringLiteral("every"), QStringLiteral("Apart"), &S::every, 0.001,
                        QStringLiteral("Of peaks closer than this the highest counts."))};
    case SegmentMethod::ChangePoints:
        return {seconds(QStringLiteral("frame"), QStringLiteral("Frame"), &S::frame, 0.001,
                        QStringLiteral("Changes are found to this; level and spread within a frame are compared.")),
                number(QStringLiteral("strength"), QStringLiteral("Strength"), &S::strength, 0, 1000,
                       QStringLiteral("How clear a change must be; more finds fewer.")),
                seconds(QStringLiteral("least"), QStringLiteral("Least"), &S::least, 0,
                        QStringLiteral("No stretch is shorter."))};
    case SegmentMethod::FixedWindows:
        return {length, seconds(QStringLiteral("every"), QStringLiteral("Every"), &S::every, 0.001,
                                QStringLiteral("From one beginning to the next; never less than the length."))};
    }
    return {};
}

} // namespace

QString segmenterPurpose(SegmentMethod method)
{
    switch (method) {
    case SegmentMethod::Variance:
        return QStringLiteral("Stretches in which the signal moves, whatever it rests at");
    case SegmentMethod::Energy:
        return QStringLiteral("Stretches in which a signal around zero is strong, such as sound");
    case SegmentMethod::Peaks:
        return QStringLiteral("A window around each burst: taps, gestures, words");
    case SegmentMethod::ChangePoints:
        return QStringLiteral("Parts between which level or spread change; together they cover everything");
    case SegmentMethod::FixedWindows:
        return QStringLiteral("Equal windows one behind the other");
    }
    return {};
}

QList<ParameterSpec> segmenterParameters(SegmentMethod method)
{
    QList<ParameterSpec> specs;
    for (const Setting& setting : settingsOf(method))
        specs << setting.spec;
    return specs;
}

Result<SegmenterSettings> segmenterSettings(SegmentMethod method, const QVariantMap& given)
{
    EMBER_TRY(const QVariantMap complete, learn::completeParameters(segmenterParameters(method), given));
    SegmenterSettings settings;
    settings.method = method;
    for (const Setting& setting : settingsOf(method))
        settings.*setting.field = complete.value(setting.spec.key).toDouble();
    return settings;
}

Result<dataset::RecordingFrames> framesFor(const dataset::Project& project, dataset::RecordingId recording,
                                           const SegmenterSettings& settings, const Hooks& hooks)
{
    EMBER_TRY(const dataset::Recording about, project.recordings().get(recording));
    return dataset::framesOf(project, recording, dataset::frameRowsFor(settings, about), hooks.progress, hooks.cancel);
}

std::vector<LabelProposal> proposalsOf(const dataset::Segmentation& segmentation, dataset::RecordingId recording,
                                       std::span<const dataset::Segment> segments, const QString& label,
                                       qint64 leastRows)
{
    std::vector<LabelProposal> proposals;
    for (const dataset::RowInterval& rows : dataset::withoutLabelled(segmentation.stretches, segments, leastRows))
        proposals.push_back({recording, rows.begin, rows.end, label, 1.0, {}});
    return proposals;
}

Result<std::vector<LabelProposal>> proposeSegments(const dataset::Project& project, const SegmentRequest& request,
                                                   const Hooks& hooks)
{
    EMBER_TRY(const std::vector<dataset::Recording> recordings, namedRecordings(project, request.recordings));
    std::vector<LabelProposal> proposals;
    for (const dataset::Recording& recording : recordings) {
        if (recording.rowCount == 0)
            continue;
        EMBER_TRY(const dataset::RecordingFrames frames, framesFor(project, recording.id, request.settings, hooks));
        EMBER_TRY(const dataset::Segmentation found, dataset::segmentRecording(frames, request.settings));
        std::vector<dataset::Segment> labelled;
        if (!request.overLabels) {
            EMBER_TRY(labelled, segmentsOfSet(project, recording.id, request.labelSet));
        }
        for (LabelProposal& proposal : proposalsOf(found, recording.id, labelled, request.label,
                                                   dataset::leastRowsFor(request.settings, frames.rateHz)))
            proposals.push_back(std::move(proposal));
    }
    return proposals;
}

} // namespace ember::workflow
