// SPDX-License-Identifier: GPL-3.0-or-later
// The dialog about the file of the open project: size, check, copy, compaction.
#include "app/gui/widgets/facts.h"
#include "core/dataset/project.h"
#include "core/dataset/recording_edits.h"
#include "tests/gui/held_queue.h"
#include "tests/gui/workbench.h"

#include <QCheckBox>
#include <QDialog>
#include <QFileInfo>
#include <QToolButton>
#include <QUndoStack>

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

/// By an edit that can be undone.
bool discardAll(Workbench& bench)
{
    const auto all = bench.project().project().recordings().list();
    const auto edit = all ? dataset::setTrashed(*all, true) : Result<dataset::Edit>(all.error());
    return edit && bench.project().edit(*edit);
}

std::size_t recordingsIn(Workbench& bench)
{
    return bench.project().project().recordings().list(true).value_or(std::vector<dataset::Recording>{}).size();
}

/// As the user does it; what follows is up to the question.
bool askToEmptyTrash(Workbench& bench)
{
    auto* box = bench.find<QCheckBox>(QStringLiteral("project-file-empty-trash"));
    if (!box || !box->isEnabled())
        return false;
    box->setFocus();
    if (!box->isChecked())
        QTest::keyClick(box, Qt::Key_Space);
    return box->isChecked() && bench.click(QStringLiteral("project-file-compact"));
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
        const auto damaged = bench.project().project().database().integer("SELECT recording FROM blocks WHERE id = 1");
        QVERIFY(damaged);
        QVERIFY(openDialog(bench));
        QVERIFY(bench.click(QStringLiteral("project-file-check")));
        QTRY_VERIFY2(bench.shows(QStringLiteral("damaged in")), qPrintable(bench.visibleText()));
        QVERIFY(bench.shows(QStringLiteral("repair")));
        // The place is among the details: this recording and no other.
        for (auto* fold : bench.find(QStringLiteral("project-file-notice"))->findChildren<QToolButton*>()) {
            if (fold->isCheckable())
                QVERIFY(bench.click(fold));
        }
        const auto all = bench.project().project().recordings().list();
        QVERIFY(all && all->size() > 1);
        for (const dataset::Recording& one : *all)
            QCOMPARE(bench.shows(QStringLiteral("'%1': ").arg(one.name)), one.id.value == *damaged);
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
        QVERIFY(discardAll(bench));
        const std::size_t recordings = recordingsIn(bench);
        const qint64 before = QFileInfo(bench.project().path()).size();
        QDialog* dialog = openDialog(bench);
        QVERIFY(dialog);
        QVERIFY(bench.click(QStringLiteral("project-file-compact")));
        QTRY_VERIFY2(bench.shows(QStringLiteral("freed")) || bench.shows(QStringLiteral("nothing to free")),
                     qPrintable(bench.visibleText()));
        QCOMPARE(recordingsIn(bench), recordings);
        QVERIFY(bench.project().undoStack().canUndo());
        QTRY_VERIFY(bench.find(QStringLiteral("project-file-compact"))->isEnabled());
        // It asks first, and a no leaves everything as it was.
        QVERIFY(askToEmptyTrash(bench));
        QVERIFY(bench.shows(QStringLiteral("for good? This cannot be undone.")));
        QVERIFY(QTest::qWaitForWindowActive(bench.find(QStringLiteral("empty-trash"))));
        bench.key(Qt::Key_Return); // pressed unread, it deletes nothing
        QTRY_VERIFY(!bench.find(QStringLiteral("empty-trash")));
        QCOMPARE(recordingsIn(bench), recordings);
        QVERIFY(bench.project().undoStack().canUndo());
        QVERIFY(askToEmptyTrash(bench));
        QVERIFY(bench.clickText(QStringLiteral("Delete")));
        QTRY_COMPARE(recordingsIn(bench), std::size_t(0));
        QVERIFY(!bench.project().undoStack().canUndo()); // ids are used again: an undo would change others
        QTRY_VERIFY(QFileInfo(bench.project().path()).size() < before);
        QTRY_COMPARE(sizeOf(dialog, QStringLiteral("Discarded recordings")), QStringLiteral("0 B"));
    }

    void editsOfWhatIsGoneAreForgottenHoweverTheJobEnds()
    {
        Workbench bench;
        QVERIFY(bench.openDemo({QStringLiteral("s01")}));
        QVERIFY(discardAll(bench));
        QDialog* dialog = openDialog(bench);
        QVERIFY(dialog);
        HeldQueue held(bench.jobs());
        QVERIFY(askToEmptyTrash(bench));
        QVERIFY(bench.clickText(QStringLiteral("Delete")));
        QVERIFY(!bench.project().undoStack().canUndo()); // before it began: a job that is cancelled now says nothing
        // The dialog is closed and something is edited before the trash is empty.
        dialog->close();
        const auto all = bench.project().project().recordings().list(true);
        QVERIFY(all && bench.project().edit(*dataset::addTag(*all, QStringLiteral("late"))));
        QVERIFY(bench.project().undoStack().canUndo());
        held.release();
        QTRY_COMPARE(recordingsIn(bench), std::size_t(0));
        QTRY_VERIFY(!bench.project().undoStack().canUndo());
    }
};

EMBER_WORKBENCH_TEST_MAIN(TestProjectFile)
#include "tst_project_file.moc"
