// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/theme/icons.h"

#include "core/base/resources.h"

#include <QFile>
#include <QGuiApplication>
#include <QIconEngine>
#include <QPainter>
#include <QPalette>
#include <QPixmapCache>
#include <QSvgRenderer>

namespace ember::gui {
namespace {

// Dynamic properties of the application object in which ThemeHub leaves the colours that a palette has no role for.
QColor applicationColour(const char* property, const QColor& fallback)
{
    const QColor colour = qApp->property(property).value<QColor>();
    return colour.isValid() ? colour : fallback;
}

QColor toneColour(IconTone tone, QIcon::Mode mode, QIcon::State state)
{
    const QPalette palette = QGuiApplication::palette();
    if (mode == QIcon::Disabled)
        return palette.color(QPalette::Disabled, QPalette::WindowText);
    if (state == QIcon::On && tone != IconTone::OnAccent)
        return palette.color(QPalette::Highlight);
    const QColor text = palette.color(QPalette::WindowText);
    switch (tone) {
    case IconTone::Text:
        return text;
    case IconTone::Muted:
        return palette.color(QPalette::PlaceholderText);
    case IconTone::Accent:
        return palette.color(QPalette::Highlight);
    case IconTone::OnAccent:
        return palette.color(QPalette::HighlightedText);
    case IconTone::Good:
        return applicationColour("emberGood", text);
    case IconTone::Warn:
        return applicationColour("emberWarn", text);
    case IconTone::Bad:
        return applicationColour("emberBad", text);
    }
    return text;
}

void draw(QPainter& painter, const QString& name, const QColor& colour, const QRectF& area)
{
    if (const auto source = iconSource(name, colour)) {
        QSvgRenderer(*source).render(&painter, area);
        return;
    }
    painter.setPen(colour);
    painter.drawRect(area.adjusted(1, 1, -1, -1));
}

class LineIconEngine : public QIconEngine
{
public:
    LineIconEngine(QString name, IconTone tone)
        : m_name(std::move(name))
        , m_tone(tone)
    {}

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State state) override
    {
        const int side = std::min(rect.width(), rect.height());
        QRectF area(0, 0, side, side);
        area.moveCenter(QRectF(rect).center());
        draw(*painter, m_name, toneColour(m_tone, mode, state), area);
    }

    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override
    {
        return iconPixmap(m_name, toneColour(m_tone, mode, state), std::min(size.width(), size.height()), 1.0);
    }

    QIconEngine* clone() const override { return new LineIconEngine(*this); }

private:
    QString m_name;
    IconTone m_tone;
};

} // namespace

Result<QByteArray> iconSource(const QString& name, const QColor& colour)
{
    EMBER_TRY(const QString path, resourcePath(QStringLiteral("icons/%1.svg").arg(name)));
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Error(ErrorKind::Io, QStringLiteral("The icon '%1' cannot be read: %2.").arg(path, file.errorString()));
    return file.readAll().replace("currentColor", colour.name(QColor::HexRgb).toLatin1());
}

QPixmap iconPixmap(const QString& name, const QColor& colour, int size, qreal devicePixelRatio)
{
    const int side = std::max(1, qRound(size * devicePixelRatio));
    const QString key = QStringLiteral("ember-icon/%1/%2/%3").arg(name, colour.name(QColor::HexArgb)).arg(side);
    QPixmap pixmap;
    if (!QPixmapCache::find(key, &pixmap)) {
        pixmap = QPixmap(side, side);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        draw(painter, name, colour, QRectF(0, 0, side, side));
        painter.end();
        QPixmapCache::insert(key, pixmap);
    }
    pixmap.setDevicePixelRatio(devicePixelRatio);
    return pixmap;
}

QIcon icon(const QString& name, IconTone tone)
{
    return QIcon(new LineIconEngine(name, tone));
}

} // namespace ember::gui
