// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/dataset/assist_choice.h"

#include "core/workflow/segmenting.h"

#include <QObject>

namespace ember::gui {
namespace {

using plugin::ParameterSpec;
using plugin::ParameterType;

QString segmenterTitle(dataset::SegmentMethod method)
{
    switch (method) {
    case dataset::SegmentMethod::Variance:
        return QObject::tr("Movement");
    case dataset::SegmentMethod::Energy:
        return QObject::tr("Loudness");
    case dataset::SegmentMethod::Peaks:
        return QObject::tr("Peaks");
    case dataset::SegmentMethod::ChangePoints:
        return QObject::tr("Changes");
    case dataset::SegmentMethod::FixedWindows:
        return QObject::tr("Fixed windows");
    }
    return {};
}

ParameterSpec secondsSpec(const QString& key, const QString& name, double value, const QString& help)
{
    return {key, ParameterType::Real, value, 0.001, 3600.0, {}, name, QStringLiteral("s"), help};
}

} // namespace

QString AssistChoice::key() const
{
    if (segmenter)
        return QStringLiteral("segmenter:") + dataset::segmentMethodName(*segmenter);
    return model.isValid() ? QStringLiteral("model:%1").arg(model.value) : QStringLiteral("nearest");
}

QList<ParameterSpec> AssistChoice::parameters() const
{
    if (segmenter)
        return workflow::segmenterParameters(*segmenter);
    QList<ParameterSpec> specs{{QStringLiteral("sure"),
                                ParameterType::Real,
                                0.9,
                                0.0,
                                1.0,
                                {},
                                QObject::tr("Sure from"),
                                {},
                                QObject::tr("What is at least so certain is accepted together.")},
                               {QStringLiteral("disagreements"),
                                ParameterType::Boolean,
                                false,
                                {},
                                {},
                                {},
                                QObject::tr("Disagreements"),
                                {},
                                QObject::tr("Also stretches that are labelled otherwise.")}};
    if (model.isValid())
        return specs;
    specs.prepend(
        secondsSpec(QStringLiteral("stride"), QObject::tr("Stride"), 1.0, QObject::tr("From one window to the next.")));
    specs.prepend(secondsSpec(QStringLiteral("window"), QObject::tr("Window"), 2.0,
                              QObject::tr("Windows of this length are compared by their features.")));
    return specs;
}

workflow::SuggestionRequest AssistChoice::request(const QVariantMap& values, const QString& project) const
{
    workflow::SuggestionRequest request;
    request.disagreements = values.value(QStringLiteral("disagreements")).toBool();
    if (model.isValid()) {
        request.model = QStringLiteral("%1#%2").arg(project).arg(model.value);
        return request;
    }
    request.source = workflow::SuggestionSource::Neighbours;
    request.features.windowSeconds = values.value(QStringLiteral("window")).toDouble();
    request.features.strideSeconds = values.value(QStringLiteral("stride")).toDouble();
    return request;
}

double AssistChoice::sureFrom(const QVariantMap& values) const
{
    return segmenter ? 0.0 : values.value(QStringLiteral("sure")).toDouble();
}

QString AssistChoice::commandLine(const QString& project, const QString& label, const QStringList& settings,
                                  const QVariantMap& values) const
{
    if (segmenter)
        return QStringLiteral("emberlab label segment --project '%1' --method %2 --label '%3' %4")
            .arg(project, dataset::segmentMethodName(*segmenter), label, settings.join(QLatin1Char(' ')))
            .trimmed();
    const QString by = model.isValid() ? QStringLiteral("--model '%1#%2'").arg(project).arg(model.value)
                                       : QStringLiteral("--nearest --window %1s --stride %2s")
                                             .arg(values.value(QStringLiteral("window")).toDouble())
                                             .arg(values.value(QStringLiteral("stride")).toDouble());
    return QStringLiteral("emberlab label suggest --project '%1' %2 --accept %3")
        .arg(project, by)
        .arg(sureFrom(values));
}

std::vector<AssistChoice> assistChoices(const std::vector<dataset::StoredModel>& models)
{
    std::vector<AssistChoice> choices;
    for (const dataset::SegmentMethod method : dataset::kSegmentMethods)
        choices.push_back({segmenterTitle(method), workflow::segmenterPurpose(method), method, {}});
    choices.push_back({QObject::tr("Like what is labelled"),
                       QObject::tr("Gives stretches the label of the labelled window that is nearest by its features"),
                       std::nullopt,
                       {}});
    for (auto model = models.rbegin(); model != models.rend(); ++model)
        choices.push_back({QObject::tr("Model %1: %2").arg(model->id.value).arg(model->name),
                           QObject::tr("Gives stretches the label that the model sees in them"), std::nullopt,
                           model->id});
    return choices;
}

} // namespace ember::gui
