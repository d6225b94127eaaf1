// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/dataset/recording_inspector.h"

#include "app/gui/capture/label_buttons.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"
#include "app/gui/widgets/facts.h"
#include "app/gui/widgets/format.h"
#include "core/base/quantity.h"

#include <QComboBox>
#include <QFormLayout>
#include <QLineEdit>
#include <QLocale>

namespace ember::gui {
namespace {

QString stateText(const dataset::Recording& recording)
{
    switch (recording.state) {
    case dataset::RecordingState::Recording:
        return RecordingInspector::tr("being recorded");
    case dataset::RecordingState::Finished:
        return RecordingInspector::tr("finished");
    case dataset::RecordingState::Interrupted:
        return RecordingInspector::tr("interrupted, what was committed is kept");
    }
    return {};
}

std::vector<Fact> factsOf(const dataset::Recording& r)
{
    const qint64 missing = r.endRow - r.rowCount;
    QStringList channels;
    for (const signal::Channel& channel : r.stream.channels)
        channels << channel.name;
    std::vector<Fact> facts{
        {RecordingInspector::tr("State"), stateText(r), r.state == dataset::RecordingState::Interrupted ? "warn" : ""},
        {RecordingInspector::tr("Length"), formatSeconds(r.durationSeconds())},
        {RecordingInspector::tr("Rows"), formatCount(r.rowCount)},
        {RecordingInspector::tr("Missing rows"), formatCount(missing), missing > 0 ? "bad" : ""},
        {RecordingInspector::tr("Rate"),
         r.stream.rateHz > 0 ? formatHertz(r.stream.rateHz) : RecordingInspector::tr("unknown")},
        {RecordingInspector::tr("Channels"), channels.join(QStringLiteral(", "))},
        {RecordingInspector::tr("Type"), signal::sampleTypeName(r.stream.type)},
        {RecordingInspector::tr("Made"), QLocale::system().toString(r.created.toLocalTime(), QLocale::ShortFormat)},
    };
    if (r.ledger.frames > 0) {
        facts.push_back({RecordingInspector::tr("CRC errors"), formatCount(r.ledger.crcErrors),
                         r.ledger.crcErrors > 0 ? "bad" : ""});
        facts.push_back({RecordingInspector::tr("Clock drift"),
                         RecordingInspector::tr("%1 ppm").arg(r.ledger.driftPpm, 0, 'f', 0)});
        if (const QString arrivals = signal::arrivalText(r.ledger.arrivals); !arrivals.isEmpty())
            facts.push_back({RecordingInspector::tr("Arrived"), arrivals});
    }
    if (!r.contentHash.isEmpty())
        facts.push_back({RecordingInspector::tr("Content"), r.contentHash.left(12)});
    return facts;
}

} // namespace

RecordingInspector::RecordingInspector(const ThemeHub& theme, QWidget* parent)
    : QWidget(parent)
    , m_inspector(new Inspector(tr("Recording")))
    , m_name(new QLineEdit)
    , m_group(new QLineEdit)
    , m_facts(new Facts)
    , m_set(new QComboBox)
    , m_labels(new LabelButtons(theme))
    , m_segmentFacts(new Facts)
    , m_remove(makeButton(tr("Remove label"), "", QStringLiteral("trash")))
{
    m_name->setObjectName(QStringLiteral("recording-name"));
    m_group->setObjectName(QStringLiteral("recording-group"));
    m_group->setPlaceholderText(tr("none"));
    m_group->setToolTip(tr("Recordings of one group are never split between training and test"));
    auto* form = new QWidget;
    auto* rows = new QFormLayout(form);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    rows->addRow(makeLabel(tr("Name")), m_name);
    rows->addRow(makeLabel(tr("Group")), m_group);

    auto* segment = new QWidget;
    auto* column = plainLayout<QVBoxLayout>(segment, theme.metrics().s);
    column->addWidget(m_set);
    column->addWidget(m_labels);
    column->addWidget(m_segmentFacts);
    column->addWidget(m_remove, 0, Qt::AlignLeft);

    m_inspector->addSection({}, form);
    m_inspector->addSection(tr("Label"), segment);
    m_inspector->addSection(tr("Numbers"), m_facts);
    m_inspector->addStretch();
    plainLayout<QVBoxLayout>(this, 0)->addWidget(m_inspector);

    connect(m_name, &QLineEdit::editingFinished, this, &RecordingInspector::commitName);
    connect(m_group, &QLineEdit::editingFinished, this, &RecordingInspector::commitGroup);
    m_set->setObjectName(QStringLiteral("label-set"));
    m_set->setAccessibleName(tr("Label set"));
    m_set->setEditable(true);
    m_set->setInsertPolicy(QComboBox::NoInsert);
    m_set->setToolTip(tr("The label set that is worked on (A: the next); type a name for a new one"));
    connect(m_set, &QComboBox::textActivated, this, &RecordingInspector::labelSetChosen);
    connect(m_set->lineEdit(), &QLineEdit::returnPressed, this,
            [this] { Q_EMIT labelSetChosen(m_set->currentText()); });
    connect(m_remove, &QPushButton::clicked, this, &RecordingInspector::removeSegmentClicked);
    showRecording(std::nullopt, false);
    showSegment(std::nullopt, 1);
}

void RecordingInspector::showRecording(const std::optional<dataset::Recording>& recording, bool writable)
{
    m_recording = recording;
    m_inspector->setTitle(recording ? recording->name : tr("No recording selected"));
    m_name->setText(recording ? recording->name : QString());
    m_group->setText(recording ? recording->group.name : QString());
    for (QLineEdit* field : {m_name, m_group})
        field->setCursorPosition(0); // a long name is read from its beginning
    m_name->setEnabled(recording && writable);
    m_group->setEnabled(recording && writable);
    m_labels->setEnabled(recording && writable);
    m_facts->setFacts(recording ? factsOf(*recording) : std::vector<Fact>{});
}

void RecordingInspector::showSegment(const std::optional<dataset::Segment>& segment, double rate)
{
    m_remove->setVisible(segment.has_value());
    std::vector<Fact> facts;
    if (segment) {
        const auto seconds = [rate](qint64 row) { return formatSeconds(static_cast<double>(row) / rate); };
        facts = {{tr("From"), seconds(segment->begin)},
                 {tr("To"), seconds(segment->end)},
                 {tr("Length"), seconds(segment->end - segment->begin)}};
    }
    m_segmentFacts->setFacts(facts);
    m_segmentFacts->setVisible(segment.has_value());
}

void RecordingInspector::showLabelSets(const QStringList& names, const QString& active)
{
    QStringList all = names;
    if (!all.contains(active))
        all << active; // it is there with its first label
    const QSignalBlocker quiet(m_set);
    m_set->clear();
    m_set->addItems(all);
    m_set->setCurrentText(active);
}

void RecordingInspector::showLabels(const std::vector<dataset::Label>& labels,
                                    const std::optional<dataset::Segment>& segment)
{
    m_labels->setLabels(labels);
    if (!segment)
        return;
    for (const dataset::Label& label : labels) {
        if (label.id == segment->label)
            m_labels->choose(label.name);
    }
}

void RecordingInspector::commitName()
{
    const QString name = m_name->text().trimmed();
    if (m_recording && !name.isEmpty() && name != m_recording->name)
        Q_EMIT editWanted(dataset::Edit(dataset::RenameRecording{m_recording->id, name}));
}

void RecordingInspector::commitGroup()
{
    if (!m_recording)
        return;
    dataset::Group group = m_recording->group;
    group.name = m_group->text().trimmed();
    if (group != m_recording->group)
        Q_EMIT editWanted(dataset::Edit(dataset::SetGroup{m_recording->id, group}));
}

} // namespace ember::gui
