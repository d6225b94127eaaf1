// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/label_checks.h"

#include "core/base/quantity.h"
#include "core/dataset/project.h"

#include <QHash>
#include <QMap>
#include <QSet>

#include <algorithm>

namespace ember::dataset::detail {
namespace {

constexpr double kShortSeconds = 0.2;
constexpr double kImbalance = 20; ///< the largest class against the smallest

/// One label set over all recordings.
class SetCheck
{
public:
    SetCheck(const LabelSet& set, const std::vector<Label>& labels, std::vector<Finding>& findings)
        : m_set(set)
        , m_findings(findings)
    {
        for (const Label& label : labels)
            m_names.insert(label.id, label.name);
    }

    void recording(const Recording& recording, const std::vector<Segment>& segments)
    {
        if (segments.empty()) {
            add(Severity::Info, "unlabelled", QStringLiteral("It has no label in the set '%1'.").arg(m_set.name),
                recording);
            return;
        }
        const QString& group = recording.group.name;
        for (std::size_t i = 0; i < segments.size(); ++i) {
            const Segment& segment = segments[i];
            const double seconds = secondsOf(recording, segment.end - segment.begin);
            const QString name = m_names.value(segment.label);
            m_seconds[name] += seconds;
            if (!group.isEmpty())
                m_classesOfGroup[group].insert(name);
            if (recording.stream.rateHz > 0 && seconds < kShortSeconds)
                add(Severity::Info, "short-segment",
                    QStringLiteral("'%1' lasts %2 rows only.").arg(name).arg(segment.end - segment.begin), recording,
                    segment.begin, segment.end);
            if (i > 0 && segment.begin < segments[i - 1].end)
                add(Severity::Warning, "label-overlap",
                    QStringLiteral("'%1' and '%2' overlap in the set '%3'.")
                        .arg(m_names.value(segments[i - 1].label), name, m_set.name),
                    recording, segment.begin, std::min(segment.end, segments[i - 1].end));
        }
    }

    void whole()
    {
        if (m_seconds.isEmpty())
            return;
        const auto [least, most] = std::minmax_element(m_seconds.constBegin(), m_seconds.constEnd());
        if (*least > 0 && *most / *least > kImbalance)
            addForAll(
                Severity::Warning, "class-imbalance",
                QStringLiteral("There is %1 of '%2' and %3 of '%4' in the set '%5'. Judge models by their balanced "
                               "scores, or record more.")
                    .arg(formatSeconds(*most), most.key(), formatSeconds(*least), least.key(), m_set.name));
        groups();
    }

private:
    /// One finding for all groups that lack a class, with the first of them as the example.
    void groups()
    {
        qsizetype incomplete = 0;
        QString example;
        for (auto group = m_classesOfGroup.constBegin(); group != m_classesOfGroup.constEnd(); ++group) {
            QStringList missing;
            for (auto name = m_seconds.keyBegin(); name != m_seconds.keyEnd(); ++name) {
                if (!group->contains(*name))
                    missing << *name;
            }
            if (!missing.isEmpty() && ++incomplete == 1)
                example = QStringLiteral("'%1' has no %2").arg(group.key(), missing.join(QStringLiteral(", ")));
        }
        if (incomplete > 0 && m_classesOfGroup.size() > 1)
            addForAll(Severity::Info, "group-missing-class",
                      QStringLiteral("%1 of %2 groups do not have every label of the set '%3': %4.")
                          .arg(incomplete)
                          .arg(m_classesOfGroup.size())
                          .arg(m_set.name, example));
    }

    static double secondsOf(const Recording& recording, qint64 rows)
    {
        return recording.stream.rateHz > 0 ? static_cast<double>(rows) / recording.stream.rateHz : 0;
    }

    void add(Severity severity, const char* code, const QString& message, const Recording& recording, qint64 begin = 0,
             qint64 end = 0)
    {
        m_findings.push_back({severity, QLatin1String(code), message, recording.id, recording.name, begin, end});
    }

    void addForAll(Severity severity, const char* code, const QString& message)
    {
        m_findings.push_back({severity, QLatin1String(code), message, {}, {}, 0, 0});
    }

    const LabelSet& m_set;
    std::vector<Finding>& m_findings;
    QHash<LabelId, QString> m_names;
    QMap<QString, double> m_seconds;
    QMap<QString, QSet<QString>> m_classesOfGroup;
};

} // namespace

Status checkLabels(const Project& project, const std::vector<Recording>& recordings, std::vector<Finding>& findings)
{
    EMBER_TRY(const std::vector<LabelSet> sets, project.labels().sets());
    for (const LabelSet& set : sets) {
        EMBER_TRY(const std::vector<Label> labels, project.labels().labels(set.id));
        SetCheck check(set, labels, findings);
        for (const Recording& recording : recordings) {
            EMBER_TRY(const std::vector<Segment> segments, project.labels().segments(recording.id, set.id));
            check.recording(recording, segments);
        }
        check.whole();
    }
    return {};
}

} // namespace ember::dataset::detail
