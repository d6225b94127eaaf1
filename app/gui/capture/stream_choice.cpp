// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/capture/stream_choice.h"

#include "app/gui/devices/device_session.h"

#include <QMenu>

namespace ember::gui {

StreamChoice::StreamChoice(DeviceSession& devices, QWidget* parent)
    : QPushButton(parent)
    , m_devices(devices)
    , m_menu(new QMenu(this))
{
    setObjectName(QStringLiteral("streams"));
    setMenu(m_menu);
    setFocusPolicy(Qt::TabFocus);
    setToolTip(tr("Which of the board's streams are shown and recorded, each with its own rate and clock"));
    connect(&devices, &DeviceSession::changed, this, &StreamChoice::refresh);
    connect(&devices, &DeviceSession::streamStarted, this, &StreamChoice::refresh);
    refresh();
}

QStringList StreamChoice::chosen() const
{
    QStringList names;
    for (const QAction* stream : m_menu->actions()) {
        if (stream->isChecked())
            names << stream->data().toString();
    }
    return names;
}

void StreamChoice::refresh()
{
    const QStringList offered = m_devices.streamNames();
    if (offered != m_offered) {
        m_offered = offered;
        m_menu->clear();
        for (const QString& name : offered) {
            QAction* stream = m_menu->addAction(name);
            stream->setData(name);
            stream->setCheckable(true);
            connect(stream, &QAction::triggered, this, &StreamChoice::apply);
        }
    }
    QStringList running;
    for (const auto& stream : m_devices.streams())
        running << stream->spec().name;
    if (!running.isEmpty()) {
        for (QAction* stream : m_menu->actions())
            stream->setChecked(running.contains(stream->data().toString()));
    }
    setText(running.size() == 1 ? tr("Stream: %1").arg(running.front()) : tr("%1 streams").arg(running.size()));
    setVisible(offered.size() > 1);
    // The streams of a take are its own from its first row to its last.
    setEnabled(!m_devices.isRecording() && !running.isEmpty());
}

void StreamChoice::apply()
{
    const QStringList names = chosen();
    if (names.isEmpty()) {
        refresh(); // one is always shown
        return;
    }
    m_devices.chooseStreams(names == QStringList(m_offered.front()) ? QStringList() : names);
}

} // namespace ember::gui
