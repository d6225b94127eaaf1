// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/command.h"
#include "core/dataset/project.h"

#include <string>
#include <vector>

namespace ember::cli {

/// What `label` does with whole label sets: `copy` to another set or to the streams recorded with it, `compare` two of
/// them. Part of the label command; its members are the values that the options fill.
class LabelSetActions
{
public:
    /// The sub-commands, for the options that all of `label` have.
    std::vector<CLI::App*> declare(CLI::App& app);
    bool isWanted() const;
    /// `labelSet` empty: the default set.
    Result<Output> run(dataset::Project& project, const QString& labelSet) const;

private:
    Result<Output> runCopy(dataset::Project& project, const QString& labelSet) const;
    Result<Output> runCompare(const dataset::Project& project, const QString& labelSet) const;
    QStringList recordingNames() const;

    CLI::App* m_copy = nullptr;
    CLI::App* m_compare = nullptr;
    std::string m_to, m_with, m_least = "0s";
    std::vector<std::string> m_recordings;
    bool m_overLabels = false;
    bool m_toStreams = false;
};

} // namespace ember::cli
