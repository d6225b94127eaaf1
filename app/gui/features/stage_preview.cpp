// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/features/stage_preview.h"

#include "app/gui/features/pipeline_edits.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/format.h"
#include "core/dataset/recording_reader.h"

#include <QContextMenuEvent>
#include <QMenu>
#include <QPainter>
#include <QPolygonF>

#include <algorithm>
#include <cmath>

namespace ember::gui {
namespace {

constexpr int kHead = 20;
constexpr int kGap = 12;
constexpr int kValueRoom = 44;

struct Span
{
    float low = INFINITY;
    float high = -INFINITY;
};

Span spanOf(const features::StagedSignals& content)
{
    Span span;
    for (const std::vector<float>& values : content.values) {
        for (const float value : values) {
            if (std::isfinite(value)) {
                span.low = std::min(span.low, value);
                span.high = std::max(span.high, value);
            }
        }
    }
    if (span.low > span.high)
        return {0, 1};
    if (span.low == span.high)
        return {span.low - 1, span.high + 1};
    return span;
}

} // namespace

StagePreview::StagePreview(const ThemeHub& theme, QWidget* parent)
    : QWidget(parent)
    , m_theme(theme)
{
    setObjectName(QStringLiteral("stage-preview"));
    setWhatsThis(tr("The chosen window as it was recorded, and what each stage makes of it."));
    connect(&theme, &ThemeHub::changed, this, [this] { update(); });
}

void StagePreview::show(const QString& title, std::vector<Panel> panels)
{
    m_title = title;
    m_panels = std::move(panels);
    update();
}

Result<std::vector<StagePreview::Panel>> StagePreview::compute(const dataset::Project& project,
                                                               const features::Pipeline& pipeline,
                                                               const dataset::Window& window)
{
    EMBER_TRY(auto reader, dataset::RecordingReader::open(project, window.recording));
    EMBER_TRY(const QByteArray rows, reader.window(window.begin, pipeline.windowRows));
    std::vector<Panel> panels;
    for (std::size_t stages = 0; stages <= pipeline.stages.size(); ++stages) {
        Panel panel;
        EMBER_TRY(panel.content, features::signalsAfter(pipeline, stages, rows));
        const auto info = stages > 0 ? infoOf(pipeline, {true, stages - 1}) : std::optional<features::BlockInfo>();
        panel.title = info ? tr("after %1").arg(info->title) : tr("recorded");
        panels.push_back(std::move(panel));
    }
    return panels;
}

void StagePreview::paintPanel(QPainter& painter, const QRectF& area, const Panel& panel) const
{
    const ThemeColours& c = m_theme.colours();
    painter.setFont(m_theme.theme().font(TypeSize::Caption));
    painter.setPen(c.muted);
    const QRectF head(area.left(), area.top(), area.width(), kHead);
    const QString text = QStringLiteral("%1 · %2").arg(panel.title, formatHertz(panel.content.rateHz));
    painter.drawText(head, Qt::AlignVCenter | Qt::AlignLeft,
                     painter.fontMetrics().elidedText(text, Qt::ElideRight, static_cast<int>(head.width())));
    const QRectF plot = area.adjusted(kValueRoom, kHead, 0, 0);
    const Span span = spanOf(panel.content);
    const QRectF labels(area.left(), plot.top(), kValueRoom - 4, plot.height());
    painter.drawText(labels, Qt::AlignTop | Qt::AlignRight, QString::number(static_cast<double>(span.high), 'g', 3));
    painter.drawText(labels, Qt::AlignBottom | Qt::AlignRight, QString::number(static_cast<double>(span.low), 'g', 3));
    painter.setPen(QPen(c.plotGrid, 1));
    painter.drawRect(plot);
    const int rows = panel.content.rows;
    painter.setRenderHint(QPainter::Antialiasing);
    for (std::size_t i = 0; i < panel.content.values.size() && rows > 1; ++i) {
        QPolygonF line;
        for (int row = 0; row < rows; ++row) {
            const float value = panel.content.values[i][static_cast<std::size_t>(row)];
            if (!std::isfinite(value))
                continue;
            const double share = static_cast<double>((value - span.low) / (span.high - span.low));
            line << QPointF(plot.left() + plot.width() * row / (rows - 1), plot.bottom() - plot.height() * share);
        }
        painter.setPen(m_theme.theme().tracePen(static_cast<int>(i)));
        painter.drawPolyline(line);
    }
}

void StagePreview::paintInto(QPainter& painter, QSize size) const
{
    const int margin = m_theme.metrics().s;
    const QRectF area(margin, margin, size.width() - 2 * margin, size.height() - 2 * margin);
    painter.setFont(m_theme.theme().font(TypeSize::Small));
    painter.setPen(m_theme.colours().text);
    painter.drawText(QRectF(area.left(), area.top(), area.width(), kHead), Qt::AlignVCenter | Qt::AlignLeft, m_title);
    if (m_panels.empty())
        return;
    const auto count = static_cast<double>(m_panels.size());
    const double width = (area.width() - kGap * (count - 1)) / count;
    for (std::size_t i = 0; i < m_panels.size(); ++i)
        paintPanel(painter,
                   QRectF(area.left() + static_cast<double>(i) * (width + kGap), area.top() + kHead, width,
                          area.height() - kHead),
                   m_panels[i]);
}

void StagePreview::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    paintInto(painter, size());
}

QString StagePreview::csv() const
{
    QString text =
        csvLine({QStringLiteral("stage"), QStringLiteral("signal"), QStringLiteral("row"), QStringLiteral("value")});
    for (const Panel& panel : m_panels) {
        for (std::size_t i = 0; i < panel.content.values.size(); ++i) {
            for (int row = 0; row < panel.content.rows; ++row)
                text += csvLine({panel.title, panel.content.names[static_cast<qsizetype>(i)], QString::number(row),
                                 QString::number(panel.content.values[i][static_cast<std::size_t>(row)], 'g', 9)});
        }
    }
    return text;
}

void StagePreview::contextMenuEvent(QContextMenuEvent* event)
{
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    Exportable source;
    source.view = this;
    source.name = QStringLiteral("window");
    source.paint = [this](QPainter& painter, QSize size) { paintInto(painter, size); };
    source.csv = [this] { return csv(); };
    fillExportMenu(*menu, source);
    menu->popup(event->globalPos());
}

} // namespace ember::gui
