// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/resources.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>

namespace ember {

Result<QString> resourcePath(const QString& relative)
{
    QStringList roots;
    if (const QString fromEnvironment = qEnvironmentVariable("EMBERLAB_RESOURCES"); !fromEnvironment.isEmpty())
        roots << fromEnvironment;
    roots << QDir(QCoreApplication::applicationDirPath()).filePath(QStringLiteral("../share/emberlab"));
    for (const QString& root : roots) {
        const QFileInfo candidate(QDir(root).filePath(relative));
        if (candidate.exists())
            return candidate.absoluteFilePath();
    }
    return Error(ErrorKind::NotFound, QStringLiteral("'%1' is missing from this installation.").arg(relative),
                 QStringLiteral("Looked in %1. Reinstall, or set EMBERLAB_RESOURCES to the folder that holds it.")
                     .arg(roots.join(QStringLiteral(", "))));
}

QString pluginDirectory()
{
    if (const QString fromEnvironment = qEnvironmentVariable("EMBERLAB_PLUGINS"); !fromEnvironment.isEmpty())
        return fromEnvironment;
    return QDir(QCoreApplication::applicationDirPath()).absoluteFilePath(QStringLiteral("../lib/emberlab/plugins"));
}

Result<QString> stateDirectory(const QString& relative)
{
    QString root = qEnvironmentVariable("EMBERLAB_STATE");
    if (root.isEmpty()) {
        // The XDG base directory specification's place for state; Qt 6.4 has no name for it.
        const QString stateHome = qEnvironmentVariable("XDG_STATE_HOME");
        root = (stateHome.isEmpty() ? QDir::home().filePath(QStringLiteral(".local/state")) : stateHome) +
               QStringLiteral("/emberlab");
    }
    const QString path = QDir::cleanPath(QDir(root).filePath(relative));
    if (!QDir().mkpath(path))
        return Error(ErrorKind::Io, QStringLiteral("The folder '%1' cannot be created.").arg(path),
                     QStringLiteral("Check its permissions, or set EMBERLAB_STATE to a folder you can write to."));
    return path;
}

} // namespace ember
