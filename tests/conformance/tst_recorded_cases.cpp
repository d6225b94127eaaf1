// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/conformance/case.h"

#include <QTest>

#include <algorithm>

using namespace ember;
using namespace ember::conformance;

class TestRecordedCases : public QObject
{
    Q_OBJECT

private:
    static constexpr const char* kModels = EMBERLAB_TEST_DATA "/models";

private Q_SLOTS:
    void everyCaseHolds_data()
    {
        QTest::addColumn<int>("index");
        m_cases = findCases(QString::fromLatin1(kModels));
        for (std::size_t i = 0; i < m_cases.size(); ++i)
            QTest::newRow(qPrintable(m_cases[i].name.section(QLatin1Char('/'), -2))) << static_cast<int>(i);
    }

    void everyCaseHolds()
    {
        QFETCH(const int, index);
        const Case& test = m_cases[static_cast<std::size_t>(index)];
        const Outcome outcome = runCase(test);
        // Values that are no tensors are understood, but not supported: the one case of them here must be refused.
        const bool refused = test.name.endsWith(QStringLiteral("test_identity_sequence"));
        const Verdict expected = refused ? Verdict::Unsupported : Verdict::Passed;
        QVERIFY2(outcome.verdict == expected, qPrintable(outcome.detail));
    }

    void everyWrittenModelIsTheSame_data() { everyCaseHolds_data(); }

    void everyWrittenModelIsTheSame()
    {
        QFETCH(const int, index);
        const Case& test = m_cases[static_cast<std::size_t>(index)];
        const Outcome outcome = runWritten(test);
        // What cannot be read, and tables that have no written form.
        static const QStringList kRefused{QStringLiteral("test_identity_sequence"),
                                          QStringLiteral("label_encoder_tensor_mapping")};
        const bool refused = std::any_of(kRefused.begin(), kRefused.end(),
                                         [&test](const QString& name) { return test.name.endsWith(name); });
        const Verdict expected = refused ? Verdict::Unsupported : Verdict::Passed;
        QVERIFY2(outcome.verdict == expected, qPrintable(outcome.detail));
    }

    void allKindsOfCasesAreFound()
    {
        int node = 0, arrays = 0, formula = 0, csv = 0;
        for (const Case& test : findCases(QString::fromLatin1(kModels))) {
            node += test.name.contains(QStringLiteral("onnx-node")) ? 1 : 0;
            arrays += test.name.contains(QStringLiteral("sklearn")) ? 1 : 0;
            formula += test.name.endsWith(QStringLiteral(".json")) ? 1 : 0;
            csv += test.name.contains(QStringLiteral("tflite-ops")) ? 1 : 0;
        }
        QVERIFY(node >= 50);
        QVERIFY(arrays >= 15);
        QCOMPARE(formula, 3);
        QCOMPARE(csv, 9);
    }

    // A comparison that lets everything pass would make the cases above worthless.
    void differencesAreFound()
    {
        using model::Tensor;
        const Tensor a = Tensor::of(std::vector<float>{1.0f, 2.0f}, {2});
        QVERIFY(difference(a, a, {}).isEmpty());
        QVERIFY(!difference(a, Tensor::of(std::vector<float>{1.0f, 2.001f}, {2}), {1e-4, 1e-5, false}).isEmpty());
        QVERIFY(difference(a, Tensor::of(std::vector<float>{1.0f, 2.001f}, {2}), {1e-2, 0, false}).isEmpty());
        QVERIFY(!difference(a, Tensor::of(std::vector<float>{1.0f, 2.0f}, {1, 2}), {}).isEmpty());
        const Tensor whole = Tensor::of(std::vector<qint8>{3}, {1});
        QVERIFY(!difference(whole, Tensor::of(std::vector<qint8>{4}, {1}), {5, 5, true}).isEmpty());
    }

private:
    std::vector<Case> m_cases;
};

QTEST_GUILESS_MAIN(TestRecordedCases)
#include "tst_recorded_cases.moc"
