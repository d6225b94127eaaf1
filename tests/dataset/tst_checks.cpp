// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/checks.h"
#include "core/dataset/edits.h"
#include "samples.h"

#include <cmath>
#include <functional>

using namespace ember;
using namespace ember::dataset;
using namespace ember::dataset::test;

class TestChecks : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_path = m_folder->filePath(QStringLiteral("p.ember"));
        VERIFY_OK(Project::create(m_path));
    }

    void aSoundProjectHasNoFindings()
    {
        add("a", 9.8f, [](int row) { return std::sin(0.37f * static_cast<float>(row)); });
        label("a", "walk", 0, 500);
        label("a", "run", 500, 1000);
        QCOMPARE(codes(), QStringList());
    }

    void faultsOfSamplesAreFound_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("code");
        QTest::newRow("clipping") << 0 << "clipping";
        QTest::newRow("stuck") << 1 << "stuck-channel";
        QTest::newRow("unit") << 2 << "unit";
    }

    void faultsOfSamplesAreFound()
    {
        QFETCH(int, kind);
        QFETCH(QString, code);
        const auto wave = [](int row) { return std::sin(0.1f * static_cast<float>(row)); };
        if (kind == 0)
            add("a", 9.8f, [&](int row) { return std::clamp(2 * wave(row), -1.0f, 1.0f); });
        else if (kind == 1)
            add("a", 9.8f, [](int) { return 0.25f; });
        else
            add("a", 1.0f, wave); // one g, and called m/s2
        label("a", "walk", 0, 1000);
        QCOMPARE(codes(), QStringList{code});
    }

    void aSinglePeakIsNoClipping()
    {
        add("a", 9.8f, [](int row) { return row == 321 ? 4.0f : std::sin(0.37f * static_cast<float>(row)); });
        label("a", "walk", 0, 1000);
        QCOMPARE(codes(), QStringList());
    }

    void clippingSaysWhere()
    {
        add("a", 9.8f,
            [](int row) { return row >= 200 && row < 230 ? 3.0f : std::sin(0.37f * static_cast<float>(row)); });
        label("a", "walk", 0, 1000);
        const auto findings = check();
        QCOMPARE(findings.size(), std::size_t{1});
        QCOMPARE(findings[0].beginRow, 200);
        QCOMPARE(findings[0].endRow, 230);
        QCOMPARE(findings[0].recordingName, QStringLiteral("a"));
    }

    void gapsAreCountedAndPlaced()
    {
        auto writer = RecordingWriter::start(m_path, {QStringLiteral("g"), imuStream(), {}, {}});
        VERIFY_OK(writer);
        VERIFY_OK((*writer)->append(blockOf(0, 100)));
        VERIFY_OK((*writer)->append(blockOf(150, 50)));
        VERIFY_OK((*writer)->finish());
        for (const Finding& finding : check()) {
            if (finding.code != QLatin1String("gaps"))
                continue;
            QCOMPARE(finding.beginRow, 100);
            QCOMPARE(finding.endRow, 150);
            QCOMPARE(finding.severity, Severity::Warning);
            QVERIFY(finding.message.contains(QStringLiteral("50 of 200")));
            return;
        }
        QFAIL("no finding for the gap");
    }

    void faultsOfLabelsAreFound()
    {
        const auto wave = [](int row) { return std::sin(0.37f * static_cast<float>(row)); };
        add("a", 9.8f, wave, "anna");
        add(
            "b", 9.8f, [&](int row) { return wave(row + 1); }, "ben");
        add("c", 9.8f, [&](int row) { return wave(row + 2); });
        label("a", "walk", 0, 900);
        label("a", "run", 890, 900);
        label("b", "walk", 0, 1000);
        QCOMPARE(codes(), (QStringList{QStringLiteral("class-imbalance"), QStringLiteral("group-missing-class"),
                                       QStringLiteral("label-overlap"), QStringLiteral("short-segment"),
                                       QStringLiteral("unlabelled")}));
    }

    void theSameSamplesTwiceAreAnErrorAcrossGroups()
    {
        const auto wave = [](int row) { return std::sin(0.37f * static_cast<float>(row)); };
        add("a", 9.8f, wave, "anna");
        add("b", 9.8f, wave, "ben");
        label("a", "walk", 0, 1000);
        label("b", "walk", 0, 1000);
        const auto findings = check();
        QCOMPARE(findings.size(), std::size_t{1});
        QCOMPARE(findings[0].code, QStringLiteral("duplicate"));
        QCOMPARE(findings[0].severity, Severity::Error);
        QVERIFY(findings[0].message.contains(QStringLiteral("'a'")));
    }

private:
    /// 1000 rows at 100 Hz: gravity on one axis, `motion` on another.
    void add(const char* name, float gravity, const std::function<float(int)>& motion, const char* group = "")
    {
        signal::StreamSpec spec;
        spec.rateHz = 100;
        spec.channels = {{QStringLiteral("ax"), QStringLiteral("m/s2"), 1, 0},
                         {QStringLiteral("az"), QStringLiteral("m/s2"), 1, 0}};
        signal::SampleBlock block;
        block.rowCount = 1000;
        for (int row = 0; row < 1000; ++row) {
            const float jitter = 0.01f * std::cos(static_cast<float>(row) * 0.91f);
            for (const float value : {motion(row), gravity + jitter})
                block.rows.append(reinterpret_cast<const char*>(&value), sizeof value);
        }
        auto writer =
            RecordingWriter::start(m_path, {QLatin1String(name), spec, {QLatin1String(group), GroupKind::Subject}, {}});
        VERIFY_OK(writer);
        VERIFY_OK((*writer)->append(block));
        VERIFY_OK((*writer)->finish());
    }

    void label(const char* recording, const char* name, qint64 begin, qint64 end)
    {
        auto project = Project::open(m_path);
        const auto found = project->recordings().find(QLatin1String(recording));
        VERIFY_OK(found);
        const auto made = project->labels().ensureLabel(QString::fromLatin1(kDefaultLabelSet), QLatin1String(name));
        VERIFY_OK(made);
        VERIFY_OK(apply(*project, AddSegment{{{}, found->id, made->id, begin, end}}));
    }

    std::vector<Finding> check() const
    {
        const auto project = Project::open(m_path);
        return checkProject(*project).value_or(std::vector<Finding>{});
    }

    QStringList codes() const
    {
        QStringList all;
        for (const Finding& finding : check())
            all << finding.code;
        all.sort();
        all.removeDuplicates();
        return all;
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_path;
};

QTEST_GUILESS_MAIN(TestChecks)
#include "tst_checks.moc"
