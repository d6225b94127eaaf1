// SPDX-License-Identifier: GPL-3.0-or-later
// emberlab-conformance DIR...: runs every recorded case below the folders and prints what holds. Exit code 1 when one
// fails. With --verbose the reasons of what is not supported are printed too. With --written every model is written as
// ONNX and read again, and must give what it gave before.
#include "tests/conformance/case.h"

#include <QCoreApplication>
#include <QDir>
#include <QMap>
#include <QTextStream>

using namespace ember::conformance;

namespace {

struct Counts
{
    int passed = 0;
    int unsupported = 0;
    int failed = 0;
};

// Cases are counted by the folder that holds the folder of the case.
QString groupOf(const QString& root, const QString& name)
{
    QStringList parts = QDir(root).relativeFilePath(name).split(QLatin1Char('/'));
    parts.removeLast();
    return parts.isEmpty() ? QStringLiteral(".") : parts.join(QLatin1Char('/'));
}

void printRow(QTextStream& out, const QString& name, const Counts& c)
{
    out << QStringLiteral("%1 %2 %3 %4 %5\n")
               .arg(name, -34)
               .arg(c.passed + c.unsupported + c.failed, 6)
               .arg(c.passed, 7)
               .arg(c.unsupported, 12)
               .arg(c.failed, 7);
}

} // namespace

int main(int argc, char** argv)
{
    const QCoreApplication app(argc, argv);
    QStringList folders = app.arguments().mid(1);
    const bool verbose = folders.removeAll(QStringLiteral("--verbose")) > 0;
    const bool written = folders.removeAll(QStringLiteral("--written")) > 0;
    QTextStream out(stdout);
    if (folders.isEmpty()) {
        out << "usage: emberlab-conformance [--verbose] [--written] DIR...\n";
        return 2;
    }
    QMap<QString, Counts> groups;
    QStringList failures, refusals;
    Counts total;
    for (const QString& folder : folders) {
        for (const Case& test : findCases(folder)) {
            const Outcome outcome = written ? runWritten(test) : runCase(test);
            const QString name = QDir(folder).relativeFilePath(test.name);
            Counts& group = groups[groupOf(folder, test.name)];
            for (Counts* counts : {&group, &total}) {
                counts->passed += outcome.verdict == Verdict::Passed ? 1 : 0;
                counts->unsupported += outcome.verdict == Verdict::Unsupported ? 1 : 0;
                counts->failed += outcome.verdict == Verdict::Failed ? 1 : 0;
            }
            if (outcome.verdict == Verdict::Failed)
                failures << name + QStringLiteral(": ") + outcome.detail;
            else if (outcome.verdict == Verdict::Unsupported)
                refusals << name + QStringLiteral(": ") + outcome.detail;
        }
    }
    out << QStringLiteral("%1 %2 %3 %4 %5\n")
               .arg(QStringLiteral("folder"), -34)
               .arg(QStringLiteral("cases"), 6)
               .arg(QStringLiteral("passed"), 7)
               .arg(QStringLiteral("unsupported"), 12)
               .arg(QStringLiteral("failed"), 7);
    for (auto it = groups.cbegin(); it != groups.cend(); ++it)
        printRow(out, it.key(), it.value());
    printRow(out, QStringLiteral("total"), total);
    if (verbose && !refusals.isEmpty())
        out << "\nnot supported:\n  " << refusals.join(QStringLiteral("\n  ")) << "\n";
    if (!failures.isEmpty())
        out << "\nfailed:\n  " << failures.join(QStringLiteral("\n  ")) << "\n";
    return total.failed > 0 || total.passed == 0 ? 1 : 0;
}
