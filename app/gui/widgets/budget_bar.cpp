// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/widgets/budget_bar.h"

#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/source_mark.h"
#include "core/base/quantity.h"
#include "core/footprint/energy.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace ember::gui {
namespace {

constexpr int kBarHeight = 12;
constexpr int kTextHeight = 20;
constexpr int kMark = 12;

} // namespace

BudgetBar::BudgetBar(const QString& title, Quantity quantity, const ThemeHub& theme, QWidget* parent)
    : QWidget(parent)
    , m_title(title)
    , m_quantity(quantity)
    , m_theme(theme)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(&theme, &ThemeHub::changed, this, [this] { update(); });
}

void BudgetBar::setBudget(double budget, const QString& budgetText)
{
    m_budget = budget;
    m_budgetText = budgetText;
    refreshTip();
}

void BudgetBar::setEstimate(std::optional<double> value)
{
    m_estimate = value;
    refreshTip();
}

void BudgetBar::setActual(std::optional<footprint::Cost> cost)
{
    m_actual = cost;
    refreshTip();
}

void BudgetBar::setReason(const QString& reason)
{
    m_reason = reason;
    refreshTip();
}

QString BudgetBar::format(double value) const
{
    if (m_quantity == Quantity::Reading)
        return footprint::formatReading(value);
    const auto whole = static_cast<qint64>(std::llround(value));
    return m_quantity == Quantity::Bytes ? formatBytes(whole) : formatCount(whole);
}

QString BudgetBar::valueText() const
{
    if (m_actual)
        return format(m_actual->value);
    if (m_estimate)
        return QStringLiteral("≈ ") + format(*m_estimate);
    return m_reason;
}

void BudgetBar::refreshTip()
{
    QStringList lines{m_title};
    if (m_estimate)
        lines << tr("%1 — %2").arg(format(*m_estimate), sourceExplanation(footprint::CostSource::Estimated));
    if (m_actual)
        lines << tr("%1 — %2").arg(format(m_actual->value), sourceExplanation(m_actual->source));
    if (m_estimate && m_actual && m_actual->value > 0)
        lines << tr("The estimate is off by %1 %").arg((*m_estimate / m_actual->value - 1) * 100, 0, 'f', 0);
    if (!m_reason.isEmpty())
        lines << m_reason;
    setToolTip(lines.join(QLatin1Char('\n')));
    setAccessibleName(m_title + QStringLiteral(": ") + valueText());
    update();
}

QSize BudgetBar::sizeHint() const
{
    return {240, kTextHeight + kBarHeight + m_theme.metrics().xs};
}

QSize BudgetBar::minimumSizeHint() const
{
    return {160, sizeHint().height()};
}

double BudgetBar::place(double value) const
{
    const double most =
        m_budget > 0 ? m_budget : 1.15 * std::max(m_estimate.value_or(0), m_actual ? m_actual->value : 0.0);
    return most <= 0 ? 0 : std::clamp(std::sqrt(value / most), 0.0, 1.0);
}

void BudgetBar::paintEvent(QPaintEvent*)
{
    const ThemeColours& c = m_theme.colours();
    const ThemeMetrics& m = m_theme.metrics();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const bool over = m_budget > 0 && std::max(m_estimate.value_or(0), m_actual ? m_actual->value : 0.0) > m_budget;
    const QColor ink = over ? c.bad : c.share;

    const QRect text(0, 0, width(), kTextHeight);
    painter.setFont(m_theme.theme().font(TypeSize::Small));
    painter.setPen(c.text);
    painter.drawText(text, Qt::AlignLeft | Qt::AlignVCenter, m_title);
    painter.setPen(c.muted);
    const QString right = m_budgetText.isEmpty() ? QString() : QStringLiteral(" / ") + m_budgetText;
    painter.drawText(text, Qt::AlignRight | Qt::AlignVCenter, right);
    const QRect value = text.adjusted(0, 0, -painter.fontMetrics().horizontalAdvance(right), 0);
    const bool known = m_estimate || m_actual;
    painter.setFont(m_theme.theme().font(TypeSize::Small, known ? QFont::DemiBold : QFont::Normal));
    painter.setPen(over ? c.bad : known ? c.text : c.muted);
    painter.drawText(value, Qt::AlignRight | Qt::AlignVCenter, valueText());
    if (known) {
        const auto source = m_actual ? m_actual->source : footprint::CostSource::Estimated;
        const int textWidth = painter.fontMetrics().horizontalAdvance(valueText());
        paintSourceMark(painter,
                        QRectF(value.right() - textWidth - kMark - m.xs, (kTextHeight - kMark) / 2.0, kMark, kMark),
                        source, c.muted);
    }

    const QRectF track(0.5, kTextHeight + 0.5, width() - 1.0, kBarHeight - 1.0);
    painter.setPen(Qt::NoPen);
    painter.setBrush(c.hover);
    painter.drawRoundedRect(track, 3, 3);
    QPainterPath clip;
    clip.addRoundedRect(track, 3, 3);
    painter.setClipPath(clip);
    if (m_actual) {
        QRectF bar = track;
        bar.setWidth(track.width() * place(m_actual->value));
        const bool measured = m_actual->source == footprint::CostSource::Measured;
        QColor ground = ink;
        ground.setAlpha(measured ? 255 : 70);
        painter.setBrush(ground);
        painter.drawRect(bar);
        if (!measured) {
            painter.setBrush(QBrush(ink, Qt::BDiagPattern));
            painter.drawRect(bar);
        }
    }
    if (m_estimate) {
        QRectF bar = track;
        bar.setWidth(std::max(3.0, track.width() * place(*m_estimate)));
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(ink, 1.5));
        painter.drawRoundedRect(bar.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2);
    }
}

} // namespace ember::gui
