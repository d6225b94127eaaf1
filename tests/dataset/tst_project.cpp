// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/schema.h"
#include "samples.h"

#include <QFileInfo>
#include <QJsonArray>

#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace ember;
using namespace ember::dataset;
using namespace ember::dataset::test;

namespace {

void write(const QString& path, const QByteArray& bytes)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(bytes), bytes.size());
}

QByteArray read(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// Changes a project file behind the program's back.
void runSql(const QString& path, const QByteArray& sql)
{
    sqlite3* handle = nullptr;
    QCOMPARE(sqlite3_open(path.toUtf8().constData(), &handle), SQLITE_OK);
    QCOMPARE(sqlite3_exec(handle, sql.constData(), nullptr, nullptr, nullptr), SQLITE_OK);
    QCOMPARE(sqlite3_close(handle), SQLITE_OK);
}

/// Runs a check in a child process that is not root, for whom permissions hold; the child's exit code is the answer.
template <typename Check>
int asOrdinaryUser(Check check)
{
    const pid_t child = fork();
    if (child == 0) {
        constexpr uid_t kNobody = 65534;
        if (geteuid() == 0 && (setgid(kNobody) != 0 || setuid(kNobody) != 0))
            _exit(99);
        _exit(check());
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

constexpr int kNoError = 50;
int kindOf(const Result<Project>& project)
{
    return project ? kNoError : static_cast<int>(project.error().kind);
}

} // namespace

class TestProject : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        QVERIFY(m_folder->isValid());
        m_path = m_folder->filePath(QStringLiteral("p.ember"));
    }

    void aNewProjectIsEmptyAndOpensAgain()
    {
        VERIFY_OK(Project::create(m_path));
        const auto project = Project::open(m_path);
        VERIFY_OK(project);
        QVERIFY(!project->isReadOnly());
        const auto info = project->info();
        VERIFY_OK(info);
        QCOMPARE(info->recordings, 0);
        QCOMPARE(info->samples, 0);
        QVERIFY(info->labelSets.isEmpty());
        QVERIFY(info->bytes > 0);
    }

    void namesWithOddCharactersWork()
    {
        const QString odd = m_folder->filePath(QStringLiteral("ä % ?mode=memory#'.ember"));
        VERIFY_OK(Project::create(odd));
        QVERIFY(QFileInfo::exists(odd));
        VERIFY_OK(Project::open(odd));
    }

    void creatingRefusesWhatItWouldDestroy()
    {
        VERIFY_OK(Project::create(m_path));
        QCOMPARE(Project::create(m_path).error().kind, ErrorKind::Usage);
        // Nor through a link to where nothing is yet.
        const QString link = m_folder->filePath(QStringLiteral("link.ember"));
        const QString elsewhere = m_folder->filePath(QStringLiteral("elsewhere.ember"));
        QVERIFY(QFile::link(elsewhere, link));
        QCOMPARE(Project::create(link).error().kind, ErrorKind::Usage);
        QVERIFY(!QFile::exists(elsewhere));
        const auto orphan = Project::create(m_folder->filePath(QStringLiteral("no/such/folder.ember")));
        QVERIFY(!orphan);
        QCOMPARE(orphan.error().kind, ErrorKind::Io);
        QVERIFY(!orphan.error().hint.isEmpty());
    }

    // Of several programs that make the same project at the same moment, one does; the others spoil nothing.
    void oneOfManyMakesTheProject()
    {
        constexpr int kPrograms = 4;
        for (int round = 0; round < 10; ++round) {
            const QString path = m_folder->filePath(QStringLiteral("%1.ember").arg(round));
            int gate[2];
            QCOMPARE(pipe(gate), 0);
            std::vector<pid_t> children;
            for (int i = 0; i < kPrograms; ++i) {
                children.push_back(fork());
                if (children.back() != 0)
                    continue;
                ::close(gate[1]);
                char byte;
                (void)!::read(gate[0], &byte, 1); // until the gate opens for all
                _exit(Project::create(path) ? 0 : 1);
            }
            ::close(gate[0]);
            ::close(gate[1]);
            int made = 0;
            for (const pid_t child : children) {
                int status = 0;
                waitpid(child, &status, 0);
                QVERIFY(WIFEXITED(status));
                made += WEXITSTATUS(status) == 0 ? 1 : 0;
            }
            QCOMPARE(made, 1);
            VERIFY_OK(Project::open(path));
        }
    }

    void filesThatAreNoProjects_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("text") << QByteArray("timestamp,ax,ay\n0,1,2\n");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("long noise") << QByteArray(100'000, '\xA5');
        QTest::newRow("only SQLite's mark") << QByteArrayLiteral("SQLite format 3\0");
    }
    void filesThatAreNoProjects()
    {
        QFETCH(QByteArray, bytes);
        write(m_path, bytes);
        for (const auto access : {Project::Access::ReadWrite, Project::Access::ReadOnly}) {
            const auto project = Project::open(m_path, access);
            QVERIFY(!project);
            QCOMPARE(project.error().kind, ErrorKind::BadData);
            QVERIFY(!project.error().hint.isEmpty());
        }
        QCOMPARE(read(m_path), bytes);
    }

    void somebodyElsesDatabaseIsLeftAlone()
    {
        runSql(m_path, "CREATE TABLE recordings (id INTEGER); INSERT INTO recordings VALUES (7)");
        const QByteArray before = read(m_path);
        const auto project = Project::open(m_path);
        QVERIFY(!project);
        QCOMPARE(project.error().kind, ErrorKind::BadData);
        QVERIFY(project.error().message.contains(QStringLiteral("not a project")));
        QCOMPARE(read(m_path), before);
    }

    void missingFilesAndFoldersAreNamed()
    {
        const auto missing = Project::open(m_path);
        QVERIFY(!missing);
        QCOMPARE(missing.error().kind, ErrorKind::NotFound);
        QVERIFY(missing.error().message.contains(m_path));
        QCOMPARE(Project::open(m_folder->path()).error().kind, ErrorKind::BadData);
    }

    void truncatedFilesAreErrorsAtAnyLength()
    {
        VERIFY_OK(Project::create(m_path));
        VERIFY_OK(addRecording(m_path, QStringLiteral("r"), 5000));
        const QByteArray whole = read(m_path);
        QVERIFY(whole.size() > 40'000);
        for (qsizetype size = 0; size < whole.size() - 4096; size += 1999) {
            write(m_path, whole.left(size));
            const auto project = Project::open(m_path);
            QVERIFY2(!project, qPrintable(QString::number(size)));
            QCOMPARE(project.error().kind, ErrorKind::BadData);
        }
    }

    void damagedPagesAreErrorsNotCrashes()
    {
        VERIFY_OK(Project::create(m_path));
        VERIFY_OK(addRecording(m_path, QStringLiteral("r"), 9000));
        const QByteArray whole = read(m_path);
        int failures = 0;
        for (qsizetype page = 1; page < whole.size() / 4096; ++page) {
            QByteArray damaged = whole;
            for (int i = 0; i < 64; ++i)
                damaged[page * 4096 + i * 61] = static_cast<char>(0xFF);
            write(m_path, damaged);
            const auto project = Project::open(m_path);
            if (!project || !project->info() || !project->recordings().list())
                ++failures;
        }
        QVERIFY(failures > 0);
    }

    void aNewerFileThatAllowsItOpensReadOnly()
    {
        VERIFY_OK(Project::create(m_path));
        VERIFY_OK(addRecording(m_path, QStringLiteral("r"), 100));
        runSql(m_path, "PRAGMA user_version = 99; UPDATE meta SET value = '1' WHERE key = 'oldest_reader';"
                       "UPDATE meta SET value = '7.5' WHERE key = 'written_by'");
        auto project = Project::open(m_path);
        VERIFY_OK(project);
        QVERIFY(project->isReadOnly());
        QVERIFY(project->readOnlyReason().contains(QStringLiteral("7.5")));
        QCOMPARE(project->info()->samples, 100);
        QVERIFY(!project->labels().ensureLabel({}, QStringLiteral("x")));
        const auto writer = RecordingWriter::start(m_path, {QStringLiteral("r"), imuStream(), {}, {}});
        QVERIFY(!writer);
        QCOMPARE(writer.error().kind, ErrorKind::Io);
    }

    void aNewerFileThatDoesNotIsAClearError()
    {
        VERIFY_OK(Project::create(m_path));
        runSql(m_path, "PRAGMA user_version = 99; UPDATE meta SET value = '98' WHERE key = 'oldest_reader';"
                       "UPDATE meta SET value = '7.5' WHERE key = 'written_by'");
        const auto project = Project::open(m_path);
        QVERIFY(!project);
        QCOMPARE(project.error().kind, ErrorKind::Unsupported);
        QVERIFY(project.error().message.contains(QStringLiteral("7.5")));
        QVERIFY(project.error().hint.contains(QStringLiteral("7.5")));
    }

    void migrationsHappenInOrderAndWholeOrNotAtAll()
    {
        VERIFY_OK(Project::create(m_path));
        auto database = Database::open(m_path, Database::Mode::ReadWrite);
        VERIFY_OK(database);
        const int last = migrations().back().version;
        const Migration good{last + 1, 1, "CREATE TABLE second (x); INSERT INTO second VALUES (5)"};
        const Migration broken{last + 2, 1, "CREATE TABLE third (x); INSERT INTO nowhere VALUES (1)"};
        const std::array both = {good, broken};
        const auto migrated = migrate(**database, both);
        QVERIFY(!migrated);
        QCOMPARE((*database)->integer("PRAGMA user_version").value(), last + 1);
        QCOMPARE((*database)->integer("SELECT x FROM second").value(), 5);
        QCOMPARE((*database)->integer("SELECT count(*) FROM sqlite_master WHERE name = 'third'").value(), 0);
        const std::array again = {good};
        VERIFY_OK(migrate(**database, again));
        QCOMPARE((*database)->integer("SELECT count(*) FROM second").value(), 1);
    }

    void migrationNumbersAreConsecutive()
    {
        int expected = 0;
        for (const Migration& step : migrations()) {
            QCOMPARE(step.version, ++expected);
            QVERIFY(step.oldestReader >= 1 && step.oldestReader <= step.version);
        }
        QVERIFY(expected >= 1);
    }

    void readOnlyFilesSaySo()
    {
        VERIFY_OK(Project::create(m_path));
        VERIFY_OK(addRecording(m_path, QStringLiteral("r"), 100));
        QVERIFY(
            QFile::setPermissions(m_path, QFileDevice::ReadOwner | QFileDevice::ReadGroup | QFileDevice::ReadOther));
        QVERIFY(QFile::setPermissions(m_folder->path(), QFileDevice::Permissions(0x5555)));
        const QString path = m_path;
        const int writing = asOrdinaryUser([&path] { return kindOf(Project::open(path)); });
        const int reading = asOrdinaryUser([&path] {
            const auto project = Project::open(path, Project::Access::ReadOnly);
            return project && project->info() && project->info()->samples == 100 ? kNoError : kindOf(project);
        });
        const int creating = asOrdinaryUser([&path] { return kindOf(Project::create(path + QStringLiteral(".new"))); });
        QFile::setPermissions(m_folder->path(), QFileDevice::Permissions(0x7777));
        QCOMPARE(writing, static_cast<int>(ErrorKind::Io));
        QCOMPARE(reading, kNoError);
        QCOMPARE(creating, static_cast<int>(ErrorKind::Io));
    }

    void openingForReadingRefusesChanges()
    {
        VERIFY_OK(Project::create(m_path));
        auto project = Project::open(m_path, Project::Access::ReadOnly);
        VERIFY_OK(project);
        QVERIFY(project->isReadOnly());
        QVERIFY(!project->readOnlyReason().isEmpty());
        const auto label = project->labels().ensureLabel({}, QStringLiteral("walk"));
        QVERIFY(!label);
        QCOMPARE(label.error().kind, ErrorKind::Io);
    }

    void changesOfAnotherConnectionAreSeen()
    {
        VERIFY_OK(Project::create(m_path));
        auto first = Project::open(m_path);
        auto second = Project::open(m_path);
        const qint64 before = second->changeCounter().value();
        VERIFY_OK(first->labels().ensureLabel({}, QStringLiteral("walk")));
        QVERIFY(second->changeCounter().value() != before);
        QCOMPARE(second->labels().labels()->size(), std::size_t{1});
    }

    void labelsKeepTheirColours()
    {
        VERIFY_OK(Project::create(m_path));
        auto project = Project::open(m_path);
        const auto walk = project->labels().ensureLabel(QStringLiteral("activity"), QStringLiteral("walk"));
        const auto sit = project->labels().ensureLabel(QStringLiteral("activity"), QStringLiteral("sit"));
        const auto other = project->labels().ensureLabel({}, QStringLiteral("walk"));
        VERIFY_OK(walk);
        VERIFY_OK(sit);
        VERIFY_OK(other);
        QCOMPARE(walk->colour, 0);
        QCOMPARE(sit->colour, 1);
        QCOMPARE(other->colour, 0);
        QCOMPARE(project->labels().ensureLabel(QStringLiteral("activity"), QStringLiteral("walk")).value(), *walk);
        QCOMPARE(project->labels().labels(walk->set)->size(), std::size_t{2});
        QCOMPARE(project->labels().labels()->size(), std::size_t{3});
        QCOMPARE(project->info()->labelSets, (QStringList{QStringLiteral("activity"), QStringLiteral("label")}));
        QCOMPARE(project->labels().ensureLabel({}, QStringLiteral(" ")).error().kind, ErrorKind::Usage);
        const auto missing = project->labels().findSet(QStringLiteral("gait"));
        QVERIFY(missing.error().hint.contains(QStringLiteral("activity")));
    }

    void runsModelsAndProofsAreKept()
    {
        VERIFY_OK(Project::create(m_path));
        auto project = Project::open(m_path);
        Run run;
        run.trainer = QStringLiteral("trees.random-forest");
        run.parameters = {{QStringLiteral("trees"), 20}};
        run.seed = 0xFFFF'FFFF'FFFF'FFFFu;
        run.scores = {{QStringLiteral("f1"), 0.9}, {QStringLiteral("confusion"), QJsonArray{1, 2}}};
        run.datasetHash = QStringLiteral("abc");
        run.status = RunStatus::Finished;
        run.seconds = 1.5;
        const auto id = project->runs().add(run);
        VERIFY_OK(id);
        const QByteArray onnx("\x00onnx\xFF", 6);
        const auto model = project->models().add({{}, *id, QStringLiteral("forest"), {}, {}}, onnx);
        VERIFY_OK(model);
        run = project->runs().get(*id).value();
        QCOMPARE(run.name, QStringLiteral("Run %1").arg(id->value));
        QCOMPARE(run.seed, 0xFFFF'FFFF'FFFF'FFFFu);
        QCOMPARE(run.scores.value(QStringLiteral("f1")).toDouble(), 0.9);
        QVERIFY(run.created.isValid());
        run.model = *model;
        VERIFY_OK(project->runs().update(run));
        QCOMPARE(project->runs().list()->front().model, *model);
        QCOMPARE(project->models().onnx(*model).value(), onnx);
        QCOMPARE(project->models().get(*model)->hash.size(), 64);

        Verification proof;
        proof.model = *model;
        proof.target = QStringLiteral("mps2-an386");
        proof.source = QStringLiteral("emulated");
        proof.rows = 500;
        proof.bitExact = true;
        VERIFY_OK(project->models().addVerification(proof));
        QCOMPARE(project->models().verifications(*model)->size(), std::size_t{1});
        QVERIFY(project->models().verifications(*model)->front().bitExact);
        proof.model = ModelId{4711};
        QVERIFY(!project->models().addVerification(proof));
        VERIFY_OK(project->models().addExport({{}, *model, QStringLiteral("sources"), {}, {}, {}, {}}));
        QCOMPARE(project->models().exports()->front().kind, QStringLiteral("sources"));

        VERIFY_OK(project->runs().remove(*id));
        QCOMPARE(project->runs().get(*id).error().kind, ErrorKind::NotFound);
        QVERIFY(!project->models().get(*model)->run.isValid());
    }

    void theCacheForgetsWhatWasUsedLongestAgo()
    {
        VERIFY_OK(Project::create(m_path));
        auto project = Project::open(m_path);
        FeatureCache cache = project->featureCache();
        const QByteArray data(1000, 'x');
        for (const char* key : {"a", "b", "c"})
            VERIFY_OK(cache.put(QLatin1String(key), data, 3000));
        QCOMPARE(cache.get(QStringLiteral("a")).value(), std::optional(data));
        VERIFY_OK(cache.put(QStringLiteral("d"), data, 3000));
        QVERIFY(cache.get(QStringLiteral("a"))->has_value());
        QVERIFY(!cache.get(QStringLiteral("b"))->has_value());
        QVERIFY(cache.get(QStringLiteral("d"))->has_value());
        VERIFY_OK(cache.put(QStringLiteral("e"), QByteArray(), 3000));
        QCOMPARE(cache.get(QStringLiteral("e")).value().value(), QByteArray());
        VERIFY_OK(cache.clear());
        QVERIFY(!cache.get(QStringLiteral("a"))->has_value());
    }

    void splitsAreReplacedByName()
    {
        VERIFY_OK(Project::create(m_path));
        auto project = Project::open(m_path);
        StoredSplit split;
        split.name = QStringLiteral("default");
        split.method = QStringLiteral("group");
        split.train = {RecordingId{1}, RecordingId{2}};
        split.test = {RecordingId{3}};
        VERIFY_OK(project->splits().put(split));
        split.seed = 9;
        VERIFY_OK(project->splits().put(split));
        QCOMPARE(project->splits().list()->size(), std::size_t{1});
        const auto found = project->splits().find(QStringLiteral("default"));
        QCOMPARE(found->seed, quint64{9});
        QCOMPARE(found->train, split.train);
        QCOMPARE(found->test, split.test);
        QCOMPARE(project->splits().find(QStringLiteral("other")).error().kind, ErrorKind::NotFound);
    }

    void aRunWhoseProgramEndedIsFailedAtNextOpen()
    {
        VERIFY_OK(Project::create(m_path));
        const QString path = m_path;
        const pid_t worker = fork();
        if (worker == 0) {
            auto project = Project::open(path);
            _exit(project && project->runs().add(Run{}) ? 0 : 1);
        }
        int status = 0;
        waitpid(worker, &status, 0);
        QCOMPARE(WEXITSTATUS(status), 0);
        {
            auto project = Project::open(m_path);
            Run mine;
            mine.status = RunStatus::Running;
            VERIFY_OK(project->runs().add(mine));
        }
        auto project = Project::open(m_path);
        const auto runs = project->runs().list().value();
        QCOMPARE(runs.size(), std::size_t{2});
        QCOMPARE(runs[0].status, RunStatus::Failed);
        QVERIFY(!runs[0].reason.isEmpty());
        QCOMPARE(runs[1].status, RunStatus::Running);
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_path;
};

QTEST_GUILESS_MAIN(TestProject)
#include "tst_project.moc"
