// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/shell/device_pill.h"

#include "app/gui/devices/device_session.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"
#include "app/gui/widgets/format.h"
#include "core/base/quantity.h"

#include <QPainter>

namespace ember::gui {
namespace {

constexpr int kDot = 8;
constexpr int kMostNameWidth = 320;

} // namespace

DevicePill::DevicePill(const DeviceSession& devices, const ThemeHub& theme, QWidget* parent)
    : QAbstractButton(parent)
    , m_devices(devices)
    , m_theme(theme)
{
    setObjectName(QStringLiteral("device-pill"));
    setFocusPolicy(Qt::TabFocus);
    setAttribute(Qt::WA_Hover);
    setToolTip(tr("The connected board and what was lost on the way; click for the ledger"));
    setWhatsThis(tr("Rows lost on the board and on the link are counted where they happen. "
                    "Zero means every row the sensor gave is in the recording."));
    const auto follow = [this] {
        setAccessibleName(QStringLiteral("%1, %2").arg(mainText(), lostText()));
        updateGeometry();
        update();
    };
    connect(&devices, &DeviceSession::changed, this, follow);
    connect(&theme, &ThemeHub::changed, this, [this] { update(); });
    connect(this, &QAbstractButton::clicked, this, &DevicePill::openLedger);
    follow();
}

QString DevicePill::mainText() const
{
    using State = DeviceSession::State;
    if (m_devices.state() == State::Disconnected)
        return tr("No board connected");
    QString text = m_devices.boardName();
    if (m_devices.state() != State::Streaming)
        return text + QStringLiteral(" · ") + m_devices.stateText().toLower();
    const auto live = m_devices.live();
    if (live && live->spec().rateHz > 0)
        text += QStringLiteral(" · ") + formatHertz(live->spec().rateHz);
    return text;
}

QString DevicePill::lostText() const
{
    if (m_devices.state() == DeviceSession::State::Disconnected)
        return {};
    return signal::lossText(m_devices.ledger());
}

QColor DevicePill::stateColour() const
{
    using State = DeviceSession::State;
    const ThemeColours& c = m_theme.colours();
    switch (m_devices.state()) {
    case State::Disconnected:
        return c.lineStrong;
    case State::Starting:
    case State::Connecting:
    case State::Lent:
        return c.warn;
    case State::Streaming:
        return c.good;
    case State::LinkLost:
    case State::Failed:
        return c.bad;
    }
    return c.lineStrong;
}

QSize DevicePill::sizeHint() const
{
    const ThemeMetrics& m = m_theme.metrics();
    const QFontMetrics body(m_theme.theme().font(TypeSize::Small));
    int width = m.m + kDot + m.s + std::min(body.horizontalAdvance(mainText()) + m.xs, kMostNameWidth) + m.m;
    if (!lostText().isEmpty())
        width += m.m + body.horizontalAdvance(lostText());
    return {width, m.control};
}

void DevicePill::paintEvent(QPaintEvent*)
{
    const ThemeColours& c = m_theme.colours();
    const ThemeMetrics& m = m_theme.metrics();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(hasFocus() ? c.accent : c.line, 1));
    painter.setBrush(underMouse() ? c.hover : c.window);
    const QRectF ground = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
    painter.drawRoundedRect(ground, ground.height() / 2, ground.height() / 2);

    painter.setPen(Qt::NoPen);
    painter.setBrush(stateColour());
    painter.drawEllipse(QRectF(m.m, (height() - kDot) / 2.0, kDot, kDot));

    painter.setFont(m_theme.theme().font(TypeSize::Small));
    const QFontMetrics metrics = painter.fontMetrics();
    QRect area = rect().adjusted(m.m + kDot + m.s, 0, -m.m, 0);
    const QString lost = lostText();
    if (!lost.isEmpty()) {
        painter.setPen(m_devices.ledger().lostRows() > 0 ? c.bad : c.muted);
        painter.drawText(area, Qt::AlignVCenter | Qt::AlignRight, lost);
        area.setRight(area.right() - metrics.horizontalAdvance(lost) - m.m);
    }
    painter.setPen(m_devices.state() == DeviceSession::State::Disconnected ? c.muted : c.text);
    painter.drawText(area, Qt::AlignVCenter | Qt::AlignLeft,
                     metrics.elidedText(mainText(), Qt::ElideMiddle, area.width()));
}

void DevicePill::openLedger()
{
    auto* popup = new LedgerPopup(m_devices, m_theme, window());
    popup->setAttribute(Qt::WA_DeleteOnClose);
    connect(popup, &LedgerPopup::devicesRequested, this, &DevicePill::devicesRequested);
    popup->adjustSize();
    popup->move(mapToGlobal(QPoint(width() - popup->width(), height() + m_theme.metrics().xs)));
    popup->show();
}

LedgerPopup::LedgerPopup(const DeviceSession& devices, const ThemeHub& theme, QWidget* parent)
    : QFrame(parent, Qt::Popup)
    , m_devices(devices)
    , m_grid(new QGridLayout)
{
    setObjectName(QStringLiteral("ledger"));
    setProperty("role", QStringLiteral("popup"));
    const ThemeMetrics& m = theme.metrics();
    m_grid->setHorizontalSpacing(m.xl);
    m_grid->setVerticalSpacing(m.xs);
    auto* column = plainLayout<QVBoxLayout>(this, m.s, m.l);
    column->addWidget(makeLabel(tr("Loss ledger"), "section"));
    column->addLayout(m_grid);
    auto* link = makeButton(tr("Open Devices"), "link");
    column->addWidget(link, 0, Qt::AlignLeft);
    connect(link, &QPushButton::clicked, this, [this] {
        Q_EMIT devicesRequested();
        close();
    });
    connect(&devices, &DeviceSession::changed, this, &LedgerPopup::refresh);
    refresh();
}

void LedgerPopup::refresh()
{
    const signal::Ledger& ledger = m_devices.ledger();
    struct Row
    {
        QString name;
        QString value;
        bool isLoss;
    };
    const bool driftKnown = ledger.measuredRateHz > 0;
    const Row rows[] = {
        {tr("State"), m_devices.stateText(), false},
        {tr("Received"), formatBytes(ledger.bytes), false},
        {tr("Frames"), formatCount(ledger.frames), false},
        {tr("Frames refused (CRC, torn)"), formatCount(ledger.crcErrors), ledger.crcErrors > 0},
        {tr("Rows lost on the board"), formatCount(ledger.deviceDrops), ledger.deviceDrops > 0},
        {tr("Rows lost on the link"),
         ledger.seesLoss || ledger.linkGaps > 0 ? formatCount(ledger.linkGaps) : tr("not visible in this format"),
         ledger.linkGaps > 0},
        {tr("Reconnects"), formatCount(ledger.reconnects), false},
        {tr("Measured rate"), driftKnown ? formatHertz(ledger.measuredRateHz) : tr("not known yet"), false},
        {tr("Clock drift"), driftKnown ? tr("%1 ppm").arg(ledger.driftPpm, 0, 'f', 0) : tr("not known yet"), false},
    };
    while (QLayoutItem* item = m_grid->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    int line = 0;
    for (const Row& row : rows) {
        m_grid->addWidget(makeLabel(row.name, "muted"), line, 0);
        m_grid->addWidget(makeLabel(row.value, row.isLoss ? "bad" : ""), line, 1, Qt::AlignRight);
        ++line;
    }
}

} // namespace ember::gui
