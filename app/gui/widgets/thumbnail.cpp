// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/widgets/thumbnail.h"

#include "app/gui/theme/theme.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>
#include <limits>

namespace ember::gui {
namespace {

// More traces than this in a few pixels of height are a smear.
constexpr int kMostChannels = 3;
constexpr double kLeastThickness = 1.0;

struct Band
{
    device::Envelope envelope;
    int channel = 0;
};

} // namespace

void paintThumbnail(QPainter& painter, const QRectF& area, TraceSource& source, const Theme& theme)
{
    const auto& channels = source.spec().channels;
    const qint64 first = source.firstRow();
    const qint64 end = source.endRow();
    if (channels.empty() || end <= first)
        return;
    std::vector<Band> bands;
    double least = std::numeric_limits<double>::infinity();
    double most = -least;
    for (int c = 0; c < static_cast<int>(channels.size()) && static_cast<int>(bands.size()) < kMostChannels; ++c) {
        if (channels[static_cast<std::size_t>(c)].unit != channels.front().unit)
            continue;
        bands.push_back({source.envelope(c, first, end, static_cast<int>(area.width())), c});
        for (std::size_t i = 0; i < bands.back().envelope.least.size(); ++i) {
            if (std::isnan(bands.back().envelope.least[i]))
                continue;
            least = std::min(least, static_cast<double>(bands.back().envelope.least[i]));
            most = std::max(most, static_cast<double>(bands.back().envelope.most[i]));
        }
    }
    if (least > most)
        return;
    const double span = std::max(most - least, 1e-9);
    const auto y = [&](float value) {
        return area.bottom() - (static_cast<double>(value) - least) / span * area.height();
    };

    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    int index = 0;
    for (const Band& band : bands) {
        QColor colour = theme.trace(index++);
        colour.setAlpha(200);
        painter.setBrush(colour);
        const double perPoint =
            area.width() * static_cast<double>(band.envelope.rowsPerPoint) / static_cast<double>(end - first);
        const double start = area.left() + area.width() * static_cast<double>(band.envelope.firstRow - first) /
                                               static_cast<double>(end - first);
        QPainterPath upper;
        QPolygonF lower;
        bool open = false;
        const auto close = [&] {
            if (!open)
                return;
            for (auto at = lower.rbegin(); at != lower.rend(); ++at)
                upper.lineTo(*at);
            painter.drawPath(upper);
            upper = QPainterPath();
            lower.clear();
            open = false;
        };
        for (std::size_t i = 0; i < band.envelope.least.size(); ++i) {
            if (std::isnan(band.envelope.least[i])) {
                close(); // a gap stays a gap
                continue;
            }
            const double x = start + (static_cast<double>(i) + 0.5) * perPoint;
            const double top = y(band.envelope.most[i]);
            const double bottom = std::max(y(band.envelope.least[i]), top + kLeastThickness);
            if (open)
                upper.lineTo(x, top);
            else
                upper.moveTo(x, top);
            lower.append(QPointF(x, bottom));
            open = true;
        }
        close();
    }
    painter.restore();
}

QPixmap thumbnail(TraceSource& source, QSize size, qreal devicePixelRatio, const Theme& theme)
{
    QPixmap picture(size * devicePixelRatio);
    picture.setDevicePixelRatio(devicePixelRatio);
    picture.fill(Qt::transparent);
    QPainter painter(&picture);
    paintThumbnail(painter, QRectF(QPointF(0, 0), QSizeF(size)).adjusted(1, 2, -1, -2), source, theme);
    return picture;
}

} // namespace ember::gui
