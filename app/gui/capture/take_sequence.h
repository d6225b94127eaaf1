// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/capture/level_trigger.h"
#include "app/gui/capture/take_recorder.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <optional>

namespace ember::gui {

/// How takes follow each other.
struct TakePlan
{
    int takes = 1;
    double pauseSeconds = 0;             ///< between two takes
    int countdownSeconds = 0;            ///< before the first
    std::optional<LevelTrigger> trigger; ///< what each take waits for
};

/// Runs the takes of a plan: counts down, waits for the trigger, records, pauses, and so on. A take that ends early for
/// a reason ends the plan. GUI thread.
class TakeSequence : public QObject
{
    Q_OBJECT

public:
    enum class Phase
    {
        Idle,
        CountingDown,
        Armed, ///< waits for the trigger
        Recording,
        Pausing,
    };

    TakeSequence(AppContext& context, TakeRecorder& recorder, QObject* parent = nullptr);

    /// Errors: Usage when a plan runs, or one that needs a length has none; those of TakeRecorder::start.
    Status begin(const TakeSettings& settings, const TakePlan& plan);
    /// Ends the running take, which is kept, and drops what would have followed.
    void end();

    Phase phase() const { return m_phase; }
    bool isRunning() const { return m_phase != Phase::Idle; }
    int take() const { return m_take; } ///< from 1
    int takes() const { return m_plan.takes; }
    /// Of a countdown or a pause.
    double remainingSeconds() const;
    /// What goes on, for the button: "Stop · 4 s", "Begins in 2 s".
    QString text() const;

Q_SIGNALS:
    void changed();
    void failed(const ember::Error& error);

private:
    void enter(Phase phase, double seconds = 0);
    void tick();
    void prepareTake();
    void record();
    void onRecorderChanged();
    void onSaved(const SavedTake& take);
    bool hasCrossed();

    AppContext& m_context;
    TakeRecorder& m_recorder;
    TakeSettings m_settings;
    TakePlan m_plan;
    Phase m_phase = Phase::Idle;
    int m_take = 0;
    double m_phaseSeconds = 0;
    QElapsedTimer m_clock;
    QTimer m_timer;
    LevelWatch m_watch; ///< of the take that is waited for
};

} // namespace ember::gui
