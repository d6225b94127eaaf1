// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/progress_printer.h"

#include <QMutexLocker>

#include <cstdio>
#include <unistd.h>

namespace ember::cli {
namespace {

constexpr qint64 kRedrawMs = 100;
constexpr int kBarWidth = 24;

QString bar(double fraction)
{
    const int filled = static_cast<int>(fraction * kBarWidth + 0.5);
    return QStringLiteral("[%1%2] %3 %")
        .arg(QString(filled, QLatin1Char('#')), QString(kBarWidth - filled, QLatin1Char('.')))
        .arg(static_cast<int>(fraction * 100 + 0.5), 3);
}

} // namespace

ProgressPrinter::ProgressPrinter(bool quiet)
    : m_terminal(isatty(STDERR_FILENO) != 0)
    , m_quiet(quiet)
{}

ProgressPrinter::~ProgressPrinter()
{
    finish();
}

void ProgressPrinter::show(const Progress& progress)
{
    if (m_quiet)
        return;
    const QMutexLocker lock(&m_mutex);
    const bool newStep = progress.step != m_lastStep;
    if (!m_terminal) {
        if (newStep)
            std::fprintf(stderr, "%s\n", qPrintable(progress.step));
        m_lastStep = progress.step;
        return;
    }
    const bool finished = progress.fraction >= 1.0;
    if (!newStep && !finished && m_sinceLast.isValid() && m_sinceLast.elapsed() < kRedrawMs)
        return;
    if (newStep && m_lineOpen)
        std::fputc('\n', stderr);
    QString line = progress.step;
    if (progress.fraction >= 0)
        line += QLatin1Char(' ') + bar(qBound(0.0, progress.fraction, 1.0));
    if (!progress.detail.isEmpty())
        line += QLatin1Char(' ') + progress.detail;
    // Carriage return, text, erase to the end of the line (ECMA-48 EL).
    std::fprintf(stderr, "\r%s\033[K", qPrintable(line));
    std::fflush(stderr);
    m_lineOpen = true;
    m_lastStep = progress.step;
    m_sinceLast.restart();
}

void ProgressPrinter::finish()
{
    const QMutexLocker lock(&m_mutex);
    if (m_lineOpen)
        std::fputc('\n', stderr);
    m_lineOpen = false;
}

} // namespace ember::cli
