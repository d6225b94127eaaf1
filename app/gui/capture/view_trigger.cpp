// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/capture/view_trigger.h"

#include "app/gui/widgets/build.h"
#include "core/base/quantity.h"

#include <QComboBox>
#include <QDoubleSpinBox>

#include <cmath>

namespace ember::gui {
namespace {

constexpr double kHighest = 1e9;
constexpr int kFreeAfter = 3; ///< pictures without a crossing

} // namespace

ViewTrigger::ViewTrigger(QWidget* parent)
    : QWidget(parent)
    , m_edge(new QComboBox)
    , m_level(new QDoubleSpinBox)
{
    m_edge->setObjectName(QStringLiteral("view-trigger-edge"));
    m_edge->addItems({tr("rises above"), tr("falls below")});
    m_edge->setToolTip(tr("Where the picture stands still"));
    m_level->setObjectName(QStringLiteral("view-trigger-level"));
    m_level->setRange(-kHighest, kHighest);
    m_level->setDecimals(3);
    m_level->setToolTip(tr("In the channel's unit"));
    connect(m_edge, &QComboBox::activated, this, &ViewTrigger::start);
    connect(m_level, &QDoubleSpinBox::valueChanged, this, &ViewTrigger::start);
    auto* row = plainLayout<QHBoxLayout>(this, 4);
    row->addWidget(makeLabel(tr("Hold where it"), "muted"));
    row->addWidget(m_edge);
    row->addWidget(m_level);
    row->addStretch(1);
}

void ViewTrigger::watch(std::shared_ptr<const device::LiveBuffer> stream, int channel)
{
    m_stream = std::move(stream);
    m_channel = channel;
    if (m_stream && channel >= 0 && channel < static_cast<int>(m_stream->spec().channels.size())) {
        const QString& unit = m_stream->spec().channels[static_cast<std::size_t>(channel)].unit;
        m_level->setSuffix(unit.isEmpty() ? QString() : QLatin1Char(' ') + formatUnit(unit));
    }
    start();
}

double ViewTrigger::level() const
{
    return m_level->value();
}

/// What crossed another level before does not count.
void ViewTrigger::start()
{
    m_watch = LevelWatch({m_channel, m_level->value(), m_edge->currentIndex() == 1});
    m_watch.startAt(m_stream ? m_stream->endRow() : 0);
    m_next.reset();
    m_held.reset();
}

std::optional<qint64> ViewTrigger::hold(qint64 length)
{
    if (!m_stream)
        return {};
    const auto behind = static_cast<qint64>(std::ceil(static_cast<double>(length) * (1 - kBefore)));
    const auto crossed = m_watch.look(*m_stream);
    if (crossed && !m_next)
        m_next = crossed; // until it is shown, later ones are passed over
    const qint64 end = m_stream->endRow();
    if (m_next && end >= *m_next + behind) {
        m_held = m_next;
        m_next.reset();
    }
    if (m_held && end > *m_held + kFreeAfter * length && !m_next)
        m_held.reset();
    return m_held;
}

} // namespace ember::gui
