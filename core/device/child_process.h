// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QString>
#include <QStringList>

#include <memory>

namespace ember::device {

/// A program that runs beside this one until it is told to stop. It never outlives this process, even a killed one: the
/// kernel ends it (PR_SET_PDEATHSIG). That signal follows the thread that started the child, so each child has a thread
/// of its own that lives exactly as long; hence it may be started and destroyed on any thread.
class ChildProcess
{
public:
    /// Errors: MissingTool when the program is not in PATH, with the package to install; Failed when it does not start.
    static Result<std::unique_ptr<ChildProcess>> start(const QString& program, const QStringList& arguments,
                                                       const QString& workingDirectory, const QString& package);
    /// Kills it and waits for its end.
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    // Any thread:
    bool isRunning() const;
    qint64 processId() const;
    /// The last few kilobytes of what it printed.
    QString output() const;

private:
    struct Shared;

    explicit ChildProcess(std::unique_ptr<Shared> shared);

    std::unique_ptr<Shared> m_shared;
};

} // namespace ember::device
