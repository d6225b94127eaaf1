// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/shell/app_context.h"
#include "app/gui/shell/job_queue.h"
#include "core/workflow/teaching.h"

#include <QObject>
#include <QStringList>

#include <optional>

namespace ember::gui {

class DeployRunner;

/// Lessons as jobs: on the desktop, and on the connected board, whose link is borrowed for it. GUI thread.
class TeachingRunner : public QObject
{
    Q_OBJECT

public:
    TeachingRunner(DeployRunner& runner, AppContext& context, QObject* parent = nullptr);

    /// Teaches the windows of these groups; all other groups are what the model knows. `onBoard`: also the board.
    void teach(const QStringList& newGroups, bool onBoard);
    /// The board forgets, or keeps over a restart.
    void changeMemory(const workflow::MemoryChange& change);
    void cancel();

    /// Also while the link is on its way to us.
    bool isRunning() const { return m_job != 0 || m_lent; }
    /// The connected board runs this deployment and can learn.
    bool hasPupil() const;

    const std::optional<workflow::TeachingReport>& desk() const { return m_desk; }
    const std::optional<workflow::BoardTeaching>& board() const { return m_board; }
    const std::optional<workflow::BoardMemory>& memory() const { return m_memory; }
    /// What was taught and asked, in words.
    const QString& description() const { return m_description; }
    const std::optional<Error>& error() const { return m_error; }

Q_SIGNALS:
    void changed();

private:
    struct Taught
    {
        QString description;
        workflow::TeachingReport desk;
        std::optional<workflow::BoardTeaching> board;
    };

    void refresh();
    void forgetResults();
    /// Runs `start` with the board, while its link is ours; at once when there is no need for it.
    void withBoard(bool needed, std::function<void(const workflow::ConnectedBoard&)> start);
    void finish();

    DeployRunner& m_runner;
    AppContext& m_context;
    JobId m_job = 0;
    bool m_lent = false;
    bool m_unwanted = false; ///< cancelled before the link was ours
    QString m_hash;          ///< of the program that the results are about
    QString m_description;
    std::optional<workflow::TeachingReport> m_desk;
    std::optional<workflow::BoardTeaching> m_board;
    std::optional<workflow::BoardMemory> m_memory;
    std::optional<Error> m_error;
};

} // namespace ember::gui
