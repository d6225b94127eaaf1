// SPDX-License-Identifier: GPL-3.0-or-later
// The dialog about the file of the open project: size, check, copy, compaction.
#include "app/gui/widgets/facts.h"
#include "core/dataset/project.h"
#include "tests/gui/workbench.h"

#include <QCheckBox>
#include <QDialog>
#include <QFileInfo>

using namespace ember;
using namespace ember::test;

namespace {

QDialog* openDialog(Workbench& bench)
{
    for (const gui::PaletteEntry& entry : bench.actions().entries()) {
        if (entry.text.contains(QStringLiteral("compact")))
            entry.run();
    }
    auto* dialog = bench.find<QDialog>(QStringLiteral("project-file"));
    return dialog && QTest::qWaitForWindowExposed(dialog) ? dialog : nullptr;
}

QString sizeOf(QDialog* dialog, const QString& what)
{
    return dialog->findChild<gui::Facts*>()->value(what);
}

} // namespace

class TestProjectFile : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void withoutAProjectThereIsNothingToCheck()
    {
        Workbench bench;
        QVERIFY(!openDialog(bench));
    }

    void aSoundFileIsSaidToBe()
    {
        Workbench bench;
        QVERIFY(bench.openDemo({QStringLiteral("s01")}));
        QDialog* dialog = openDialog(bench);
        QVERIFY(dialog);
        QTRY_VERIFY(!sizeOf(dialog, QStringLiteral("Samples")).isEmpty());
        QVERIFY(bench.click(QStringLiteral("project-file-check")));
        QTRY_VERIFY2(bench.shows(QStringLiteral("The file is sound")), qPrintable(bench.visibleText()));
    }

    void damageIsShownWithItsPlace()
    {
        Workbench bench;
        QVERIFY(bench.openDemo({QStringLiteral("s01")}));
        QVERIFY(bench.project().project().database().execute(
            "UPDATE blocks SET data = x'FFFF' || substr(data, 3) WHERE id = 1"));
        QVERIFY(openDialog(bench));
        QVERIFY(bench.click(QStringLiteral("project-file-check")));
        QTRY_VERIFY2(bench.shows(QStringLiteral("damaged in")), qPrintable(bench.visibleText()));
        QVERIFY(bench.shows(QStringLiteral("repair")));
    }

    void aCopyIsWrittenAndNeverOverAnotherFile()
    {
        Workbench bench;
        QVERIFY(bench.openDemo({QStringLiteral("s01")}));
        QVERIFY(openDialog(bench));
        QVERIFY(bench.click(QStringLiteral("project-file-backup")));
        QVERIFY(bench.saveAs(QStringLiteral("copy.ember")));
        QTRY_VERIFY2(bench.shows(QStringLiteral("Copied to")), qPrintable(bench.visibleText()));
        const auto copy = dataset::Project::open(bench.path(QStringLiteral("copy.ember")));
        QVERIFY(copy);
        QCOMPARE(copy->recordings().list()->size(), bench.project().project().recordings().list()->size());
        QTRY_VERIFY(bench.find(QStringLiteral("project-file-backup"))->isEnabled());
        QVERIFY(bench.click(QStringLiteral("project-file-backup")));
        QVERIFY(bench.saveAs(QStringLiteral("copy.ember")));
        QTRY_VERIFY2(bench.shows(QStringLiteral("exists already")), qPrintable(bench.visibleText()));
    }

    void theTrashIsEmptiedOnlyWhenAsked()
    {
        Workbench bench;
        QVERIFY(bench.openDemo({QStringLiteral("s01")}));
        QVERIFY(bench.project().project().database().execute("UPDATE recordings SET trashed = 1"));
        const std::size_t recordings = bench.project().project().recordings().list(true)->size();
        const qint64 before = QFileInfo(bench.project().path()).size();
        QDialog* dialog = openDialog(bench);
        QVERIFY(dialog);
        QVERIFY(bench.click(QStringLiteral("project-file-compact")));
        QTRY_VERIFY2(bench.shows(QStringLiteral("freed")) || bench.shows(QStringLiteral("nothing to free")),
                     qPrintable(bench.visibleText()));
        QCOMPARE(bench.project().project().recordings().list(true)->size(), recordings);
        QTRY_VERIFY(bench.find(QStringLiteral("project-file-compact"))->isEnabled());
        bench.find<QCheckBox>(QStringLiteral("project-file-empty-trash"))->setFocus();
        QTest::keyClick(bench.find(QStringLiteral("project-file-empty-trash")), Qt::Key_Space);
        QVERIFY(bench.click(QStringLiteral("project-file-compact")));
        QTRY_COMPARE(bench.project().project().recordings().list(true)->size(), std::size_t(0));
        QTRY_VERIFY(QFileInfo(bench.project().path()).size() < before);
        QTRY_COMPARE(sizeOf(dialog, QStringLiteral("Discarded recordings")), QStringLiteral("0 B"));
    }
};

EMBER_WORKBENCH_TEST_MAIN(TestProjectFile)
#include "tst_project_file.moc"
