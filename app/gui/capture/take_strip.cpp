// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/capture/take_strip.h"

#include "app/gui/plot/recording_trace_source.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"
#include "app/gui/widgets/thumbnail.h"
#include "core/base/quantity.h"
#include "core/dataset/project.h"

#include <QPainter>
#include <QScrollBar>

namespace ember::gui {
namespace {

constexpr QSize kCard(150, 96);
constexpr int kPictureHeight = 44;
constexpr int kLabelDot = 8;
constexpr int kMostPictures = 200;

} // namespace

TakeCard::TakeCard(const TakeSummary& take, const QPixmap& picture, const ThemeHub& theme, QWidget* parent)
    : QAbstractButton(parent)
    , m_take(take)
    , m_picture(picture)
    , m_theme(theme)
{
    setFixedSize(kCard);
    setFocusPolicy(Qt::TabFocus);
    setAttribute(Qt::WA_Hover);
    setToolTip(tr("%1 — click to open it in Dataset").arg(take.recording.name));
    setAccessibleName(QStringLiteral("%1 %2").arg(take.recording.name, take.label));
}

QSize TakeCard::sizeHint() const
{
    return kCard;
}

void TakeCard::paintEvent(QPaintEvent*)
{
    const ThemeColours& c = m_theme.colours();
    const ThemeMetrics& m = m_theme.metrics();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(hasFocus() || underMouse() ? c.accent : c.line, 1));
    painter.setBrush(c.surface);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), m.radius, m.radius);
    painter.drawPixmap(m.s, m.xs, m_picture);

    int x = m.s;
    const QRect first(m.s, kPictureHeight + m.s, width() - 2 * m.s, 18);
    if (m_take.colour >= 0) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(m_theme.theme().classBrush(m_take.colour));
        painter.drawEllipse(QRectF(x, first.center().y() - kLabelDot / 2.0 + 1, kLabelDot, kLabelDot));
        x += kLabelDot + m.xs + 2;
    }
    painter.setFont(m_theme.theme().font(TypeSize::Small, QFont::DemiBold));
    painter.setPen(m_take.label.isEmpty() ? c.muted : c.text);
    const bool running = m_take.recording.state == dataset::RecordingState::Recording;
    const QString label = running ? tr("recording") : m_take.label.isEmpty() ? tr("no label") : m_take.label;
    painter.drawText(QRect(x, first.top(), first.right() - x, first.height()), Qt::AlignVCenter | Qt::AlignLeft,
                     painter.fontMetrics().elidedText(label, Qt::ElideRight, first.right() - x));

    const QRect second = first.translated(0, 18);
    painter.setFont(m_theme.theme().font(TypeSize::Caption));
    painter.setPen(c.muted);
    const bool interrupted = m_take.recording.state == dataset::RecordingState::Interrupted;
    painter.drawText(second, Qt::AlignVCenter | Qt::AlignLeft,
                     interrupted ? tr("interrupted") : formatSeconds(m_take.recording.durationSeconds()));
    const signal::Ledger& ledger = m_take.recording.ledger;
    if (!ledger.seesLoss && ledger.lostRows() == 0)
        return;
    painter.setPen(ledger.lostRows() > 0 ? c.bad : c.muted);
    painter.drawText(second, Qt::AlignVCenter | Qt::AlignRight, signal::lossText(ledger));
}

TakeStrip::TakeStrip(const ThemeHub& theme, QWidget* parent)
    : QScrollArea(parent)
    , m_theme(theme)
    , m_row(new QWidget)
{
    m_row->setObjectName(QStringLiteral("scrolled"));
    auto* row = plainLayout<QHBoxLayout>(m_row, theme.metrics().s);
    row->addStretch(1);
    setWidget(m_row);
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setMinimumHeight(kCard.height() + 12);
    connect(&theme, &ThemeHub::changed, this, [this] { m_pictures.clear(); });
}

QPixmap TakeStrip::pictureOf(const dataset::Project& project, const dataset::Recording& recording)
{
    const QString key = QStringLiteral("%1/%2").arg(recording.id.value).arg(recording.contentHash);
    if (const auto known = m_pictures.constFind(key); known != m_pictures.constEnd())
        return *known;
    const ThemeMetrics& m = m_theme.metrics();
    const QSize size(kCard.width() - 2 * m.s, kPictureHeight);
    const auto source = RecordingTraceSource::open(project, recording.id);
    if (!source)
        return {};
    if (m_pictures.size() > kMostPictures)
        m_pictures.clear();
    return *m_pictures.insert(key, thumbnail(**source, size, devicePixelRatioF(), m_theme.theme()));
}

void TakeStrip::setTakes(const dataset::Project* project, const std::vector<TakeSummary>& takes)
{
    auto* row = static_cast<QHBoxLayout*>(m_row->layout());
    while (QLayoutItem* item = row->takeAt(0)) {
        if (item->widget())
            item->widget()->deleteLater();
        delete item;
    }
    m_count = 0;
    if (project) {
        for (const TakeSummary& take : takes) {
            auto* card = new TakeCard(take, pictureOf(*project, take.recording), m_theme);
            connect(card, &TakeCard::clicked, this, [this, id = take.recording.id.value] { Q_EMIT takeClicked(id); });
            row->addWidget(card);
            ++m_count;
        }
    }
    if (m_count == 0)
        row->addWidget(
            makeLabel(tr("What you record appears here. Choose a label on the right, then press Space."), "muted"));
    row->addStretch(1);
}

} // namespace ember::gui
