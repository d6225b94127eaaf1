// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/import_files.h"

#include "core/dataset/project.h"

#include <QFileInfo>

namespace ember::workflow {

Result<ImportFilesOutcome> importFiles(const QString& project, const QStringList& filesAndFolders,
                                       const dataset::ImportOptions& options, const Hooks& hooks)
{
    EMBER_TRY(dataset::Project opened, dataset::Project::open(project));
    EMBER_TRY(const QStringList files, dataset::importableFiles(filesAndFolders));
    ImportFilesOutcome outcome;
    for (qsizetype i = 0; i < files.size(); ++i) {
        // One step for all of them; a file's own progress would make the bar jump.
        report(hooks.progress, QStringLiteral("Importing"), static_cast<double>(i) / static_cast<double>(files.size()),
               QFileInfo(files[i]).fileName());
        auto imported = dataset::importFile(opened, files[i], options, {}, hooks.cancel);
        if (imported)
            outcome.imported.push_back(std::move(imported).value());
        else if (imported.error().kind == ErrorKind::Cancelled)
            return imported.error();
        else
            outcome.skipped.push_back({files[i], imported.error()});
    }
    // Some files in is a success that names what was left out; none in is the failure of the last of them.
    if (outcome.imported.empty() && !outcome.skipped.empty())
        return outcome.skipped.back().why;
    return outcome;
}

} // namespace ember::workflow
