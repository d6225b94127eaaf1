// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/worker.h"

#include <QCoreApplication>

int main(int argc, char** argv)
{
    QCoreApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    return arguments.value(1) == QLatin1String("worker") ? ember::learn::workerMain(arguments.mid(2)) : 2;
}
