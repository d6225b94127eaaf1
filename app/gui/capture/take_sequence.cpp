// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/capture/take_sequence.h"

#include "app/gui/devices/device_session.h"
#include "app/gui/shell/project_session.h"
#include "core/base/quantity.h"

#include <algorithm>
#include <cmath>

namespace ember::gui {
namespace {

constexpr int kTickMs = 20;

} // namespace

TakeSequence::TakeSequence(AppContext& context, TakeRecorder& recorder, QObject* parent)
    : QObject(parent)
    , m_context(context)
    , m_recorder(recorder)
{
    m_timer.setInterval(kTickMs);
    connect(&m_timer, &QTimer::timeout, this, &TakeSequence::tick);
    connect(&recorder, &TakeRecorder::changed, this, &TakeSequence::onRecorderChanged);
    connect(&recorder, &TakeRecorder::saved, this, &TakeSequence::onSaved);
    connect(&recorder, &TakeRecorder::failed, this, [this] { end(); });
}

Status TakeSequence::begin(const TakeSettings& settings, const TakePlan& plan)
{
    if (isRunning())
        return Error(ErrorKind::Usage, tr("Takes are being recorded."), tr("Stop them first."));
    if (plan.takes > 1 && settings.seconds <= 0)
        return Error(ErrorKind::Usage, tr("%1 takes in a row need a length.").arg(plan.takes),
                     tr("Set how long a take is, or record one."));
    EMBER_CHECK(m_recorder.check());
    m_settings = settings;
    m_plan = plan;
    m_plan.takes = std::max(1, plan.takes);
    m_take = 1;
    m_timer.start();
    if (m_plan.countdownSeconds > 0)
        enter(Phase::CountingDown, m_plan.countdownSeconds);
    else
        prepareTake();
    return {};
}

void TakeSequence::end()
{
    const bool recording = m_phase == Phase::Recording;
    m_timer.stop();
    enter(Phase::Idle);
    if (recording && m_recorder.isRecording())
        m_recorder.stop();
}

double TakeSequence::remainingSeconds() const
{
    return std::max(0.0, m_phaseSeconds - static_cast<double>(m_clock.elapsed()) / 1000.0);
}

QString TakeSequence::text() const
{
    const QString number = m_plan.takes > 1 ? tr(" %1/%2").arg(m_take).arg(m_plan.takes) : QString();
    switch (m_phase) {
    case Phase::CountingDown:
        return tr("Begins in %1 s").arg(std::ceil(remainingSeconds()));
    case Phase::Armed:
        return tr("Waiting%1 · cancel").arg(number);
    case Phase::Pausing:
        return tr("Next%1 in %2 s").arg(number).arg(std::ceil(remainingSeconds()));
    case Phase::Recording:
    case Phase::Idle:
        break;
    }
    return tr("Stop%1 · %2").arg(number, formatSeconds(std::floor(m_recorder.elapsedSeconds())));
}

void TakeSequence::enter(Phase phase, double seconds)
{
    m_phase = phase;
    m_phaseSeconds = seconds;
    m_clock.start();
    Q_EMIT changed();
}

void TakeSequence::tick()
{
    if (m_phase == Phase::Armed && hasCrossed())
        record();
    else if ((m_phase == Phase::CountingDown || m_phase == Phase::Pausing) && remainingSeconds() <= 0)
        prepareTake();
}

void TakeSequence::prepareTake()
{
    if (!m_plan.trigger) {
        record();
        return;
    }
    const auto live = m_context.devices.live();
    m_watch = LevelWatch(*m_plan.trigger);
    m_watch.startAt(live ? live->endRow() : 0);
    enter(Phase::Armed);
}

void TakeSequence::record()
{
    enter(Phase::Recording);
    if (const Status started = m_recorder.start(m_settings); !started) {
        end();
        Q_EMIT failed(started.error());
    }
}

void TakeSequence::onRecorderChanged()
{
    if (m_phase != Phase::Recording || m_recorder.isRecording())
        return;
    if (m_take >= m_plan.takes) {
        end();
        return;
    }
    ++m_take;
    enter(Phase::Pausing, m_plan.pauseSeconds);
}

void TakeSequence::onSaved(const SavedTake& take)
{
    if (take.endedBy && isRunning())
        end();
}

bool TakeSequence::hasCrossed()
{
    const auto live = m_context.devices.live();
    return live && m_watch.look(*live);
}

} // namespace ember::gui
