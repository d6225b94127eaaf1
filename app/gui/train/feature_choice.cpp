// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/train/feature_choice.h"

#include "app/gui/shell/ui_settings.h"
#include "app/gui/widgets/build.h"
#include "core/features/pipeline.h"
#include "core/features/presets.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QSignalBlocker>

namespace ember::gui {
namespace {

const QString kOwnName = QStringLiteral("own");
constexpr double kShortest = 0.01;
constexpr double kLongest = 3600;

const Setting<QString> kPreset{"features/preset", QStringLiteral("auto")};
const Setting<QString> kOwn{"features/pipeline", QString()};
const Setting<double> kWindow{"features/window", 2.0, [](double s) { return s >= kShortest && s <= kLongest; }};
const Setting<double> kStride{"features/stride", 1.0, [](double s) { return s >= kShortest && s <= kLongest; }};

} // namespace

FeatureChoice::FeatureChoice(UiSettings& settings, Qt::Orientation orientation, QWidget* parent)
    : QWidget(parent)
    , m_settings(settings)
    , m_preset(new QComboBox)
    , m_window(new QDoubleSpinBox)
    , m_stride(new QDoubleSpinBox)
{
    m_preset->addItem(tr("by units and channels"), QStringLiteral("auto"));
    for (const QString& name : features::presetNames())
        m_preset->addItem(name, name);
    m_preset->setItemData(0, tr("The preset is chosen from what the recordings are"), Qt::ToolTipRole);
    for (int i = 1; i < m_preset->count(); ++i)
        m_preset->setItemData(i, features::presetHelp(m_preset->itemData(i).toString()), Qt::ToolTipRole);
    m_preset->setObjectName(QStringLiteral("preset"));
    for (QDoubleSpinBox* box : {m_window, m_stride}) {
        box->setRange(kShortest, kLongest);
        box->setDecimals(2);
        box->setSuffix(tr(" s"));
        box->setSingleStep(0.25);
    }
    m_window->setObjectName(QStringLiteral("window"));
    m_window->setToolTip(tr("How long a stretch the model sees at once"));
    m_stride->setToolTip(tr("How far one window begins after the one before"));
    reload();

    if (orientation == Qt::Vertical) {
        auto* form = new QFormLayout(this);
        form->setContentsMargins(0, 0, 0, 0);
        form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
        form->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
        form->setHorizontalSpacing(12);
        form->addRow(makeLabel(tr("Features")), m_preset);
        form->addRow(makeLabel(tr("Window")), m_window);
        form->addRow(makeLabel(tr("Stride")), m_stride);
    } else {
        auto* row = plainLayout<QHBoxLayout>(this, 8);
        row->addWidget(makeLabel(tr("Features"), "muted"));
        row->addWidget(m_preset);
        row->addWidget(makeLabel(tr("Window"), "muted"));
        row->addWidget(m_window);
        row->addWidget(makeLabel(tr("Stride"), "muted"));
        row->addWidget(m_stride);
    }
    connect(m_preset, &QComboBox::activated, this, &FeatureChoice::remember);
    connect(m_window, &QDoubleSpinBox::valueChanged, this, &FeatureChoice::remember);
    connect(m_stride, &QDoubleSpinBox::valueChanged, this, &FeatureChoice::remember);
}

void FeatureChoice::reload()
{
    const QSignalBlocker window(m_window);
    const QSignalBlocker stride(m_stride);
    // The user's own pipeline can be chosen once there is one.
    if (!m_settings.get(kOwn).isEmpty() && m_preset->findData(kOwnName) < 0)
        m_preset->addItem(tr("own"), kOwnName);
    m_preset->setCurrentIndex(std::max(0, m_preset->findData(m_settings.get(kPreset))));
    m_window->setValue(m_settings.get(kWindow));
    m_stride->setValue(m_settings.get(kStride));
}

void FeatureChoice::remember()
{
    m_settings.set(kPreset, m_preset->currentData().toString());
    m_settings.set(kWindow, m_window->value());
    m_settings.set(kStride, m_stride->value());
    Q_EMIT changed();
}

FeatureChoice::State FeatureChoice::state() const
{
    return {m_settings.get(kPreset), m_settings.get(kOwn)};
}

void FeatureChoice::setState(const State& state)
{
    m_settings.set(kPreset, state.preset);
    m_settings.set(kOwn, state.ownPipeline);
    reload();
    Q_EMIT changed();
}

FeatureChoice::State FeatureChoice::ownState(const QByteArray& pipelineText)
{
    return {kOwnName, QString::fromUtf8(pipelineText)};
}

workflow::FeatureRequest FeatureChoice::remembered(const UiSettings& settings)
{
    workflow::FeatureRequest request;
    request.preset = settings.get(kPreset);
    if (request.preset == kOwnName)
        request.pipelineText = settings.get(kOwn).toUtf8();
    request.windowSeconds = settings.get(kWindow);
    request.strideSeconds = settings.get(kStride);
    return request;
}

workflow::FeatureRequest FeatureChoice::request() const
{
    workflow::FeatureRequest request;
    request.preset = m_preset->currentData().toString();
    if (request.preset == kOwnName)
        request.pipelineText = m_settings.get(kOwn).toUtf8();
    request.windowSeconds = m_window->value();
    request.strideSeconds = m_stride->value();
    return request;
}

} // namespace ember::gui
