// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/matrix.h"
#include "tests/learn/small_matrix.h"

#include <QTest>

#include <limits>

using namespace ember;
using namespace ember::learn;

class TestMatrix : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void selectingKeepsRowsTogether()
    {
        const Matrix all = test::smallMatrix(10, 5);
        const std::vector<qsizetype> rows{7, 0, 7};
        const Matrix some = all.select(rows);
        QCOMPARE(some.rows(), std::size_t(3));
        QCOMPARE(some.features, (std::vector<float>{1, 7, 0, 0, 1, 7}));
        QCOMPARE(some.labels, (std::vector<qint32>{1, 0, 1}));
        QCOMPARE(some.groups, (std::vector<qint32>{3, 0, 3}));
        QCOMPARE(some.classNames, all.classNames);
        QVERIFY(validate(some));
        const plugin::TrainingView view = some.view();
        QCOMPARE(view.rows(), std::size_t(3));
        QCOMPARE(view.features.data(), some.features.data());
    }

    void faultsAreNamed()
    {
        const auto says = [](Matrix m, const char* part) {
            const Status status = validate(m);
            return !status && status.error().kind == ErrorKind::BadData &&
                   status.error().message.contains(QLatin1String(part));
        };
        Matrix m = test::smallMatrix(4, 2);
        QVERIFY(validate(m));
        m.features[5] = std::numeric_limits<float>::infinity();
        QVERIFY(says(m, "row 2, column row is not a finite number"));
        m = test::smallMatrix(4, 2);
        m.labels[3] = 2;
        QVERIFY(says(m, "row 3 has label number 2 of 2"));
        m = test::smallMatrix(4, 2);
        m.labels.pop_back();
        QVERIFY(says(m, "3 labels for 4 rows"));
        m = test::smallMatrix(4, 2);
        m.groups[0] = -1;
        QVERIFY(says(m, "row 0 has group number -1"));
        m = test::smallMatrix(4, 2);
        m.features.pop_back();
        QVERIFY(says(m, "7 numbers in 2 columns"));
        m = test::smallMatrix(4, 2);
        m.featureNames.removeLast();
        QVERIFY(says(m, "1 feature names"));
        QVERIFY(says(Matrix(), "0 columns"));
    }
};

QTEST_GUILESS_MAIN(TestMatrix)
#include "tst_matrix.moc"
