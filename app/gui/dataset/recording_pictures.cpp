// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/dataset/recording_pictures.h"

#include "app/gui/plot/recording_trace_source.h"
#include "app/gui/shell/project_session.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/thumbnail.h"

#include <QGuiApplication>

namespace ember::gui {
namespace {

QString keyOf(const dataset::Recording& recording)
{
    return QStringLiteral("%1 %2").arg(recording.id.value).arg(recording.endRow);
}

} // namespace

RecordingPictures::RecordingPictures(ProjectSession& project, const ThemeHub& theme, QSize size, QObject* parent)
    : QObject(parent)
    , m_project(project)
    , m_theme(theme)
    , m_size(size)
{
    m_idle.setInterval(0);
    connect(&m_idle, &QTimer::timeout, this, &RecordingPictures::drawOne);
    connect(&project, &ProjectSession::projectChanged, this, &RecordingPictures::clear);
    connect(&theme, &ThemeHub::changed, this, &RecordingPictures::clear);
}

void RecordingPictures::clear()
{
    m_pictures.clear();
    m_wanted.clear();
    m_idle.stop();
}

QPixmap RecordingPictures::blank() const
{
    const qreal ratio = qGuiApp->devicePixelRatio();
    QPixmap picture(m_size * ratio);
    picture.setDevicePixelRatio(ratio);
    picture.fill(Qt::transparent);
    return picture;
}

QPixmap RecordingPictures::picture(const dataset::Recording& recording)
{
    QPixmap& known = m_pictures[keyOf(recording)];
    if (known.isNull()) {
        known = blank();
        m_wanted.push_back(recording);
        m_idle.start();
    }
    return known;
}

void RecordingPictures::drawOne()
{
    if (m_wanted.empty() || !m_project.isOpen()) {
        m_idle.stop();
        return;
    }
    const dataset::Recording recording = std::move(m_wanted.front());
    m_wanted.pop_front();
    const auto source = RecordingTraceSource::open(m_project.project(), recording.id);
    if (!source)
        return;
    m_pictures[keyOf(recording)] = thumbnail(**source, m_size, qGuiApp->devicePixelRatio(), m_theme.theme());
    Q_EMIT ready(recording.id);
}

} // namespace ember::gui
