// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/tree_tools.h"
#include "core/model/validate.h"

#include <QTest>

#include <functional>
#include <limits>

using namespace ember;
using namespace ember::model;

namespace {

// One stump over two classes: x0 <= 1 ? a : b.
TreeEnsemble stump()
{
    TreeEnsemble e;
    e.featureCount = 1;
    e.targets = 2;
    e.roots = {0};
    e.nodes = {{BranchMode::LessOrEqual, false, 0, 1.0f, 1, 2, -1}, {}, {}};
    e.nodes[1].leaf = 0;
    e.nodes[2].leaf = 1;
    e.leafValues = {1.0f, 0.0f, 0.25f, 0.75f};
    return e;
}

using Damage = std::function<void(TreeEnsemble&)>;

} // namespace
Q_DECLARE_METATYPE(Damage)

class TestValidate : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aStumpIsValid()
    {
        QVERIFY(validate(stump()));
        QVERIFY(validate(makeClassifier(stump(), {QStringLiteral("a"), QStringLiteral("b")}, {})));
    }

    void everyKindOfDamageIsNamed_data()
    {
        QTest::addColumn<Damage>("damage");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, Damage damage, const char* says) {
            QTest::newRow(name) << damage << QString::fromLatin1(says);
        };
        row(
            "no trees", [](TreeEnsemble& e) { e.roots.clear(); }, "no trees");
        row(
            "no features", [](TreeEnsemble& e) { e.featureCount = 0; }, "0 features");
        row(
            "negative targets", [](TreeEnsemble& e) { e.targets = -3; }, "-3 targets");
        row(
            "too many targets", [](TreeEnsemble& e) { e.targets = 1 << 20; }, "targets");
        row(
            "leaf row cut short", [](TreeEnsemble& e) { e.leafValues.pop_back(); }, "3 leaf values");
        row(
            "no leaf values", [](TreeEnsemble& e) { e.leafValues.clear(); }, "0 leaf values");
        row(
            "base values", [](TreeEnsemble& e) { e.baseValues = {1.0f}; }, "1 base values");
        row(
            "child before parent", [](TreeEnsemble& e) { e.nodes[0].whenTrue = 0; }, "node 0 has child 0");
        row(
            "child beyond the end", [](TreeEnsemble& e) { e.nodes[0].whenFalse = 3; }, "node 0 has child 3");
        row(
            "both children the same", [](TreeEnsemble& e) { e.nodes[0].whenFalse = 1; }, "node 1 is reached");
        row(
            "orphan", [](TreeEnsemble& e) { e.nodes.push_back(e.nodes[1]); }, "node 3 belongs to no tree");
        row(
            "root inside a tree", [](TreeEnsemble& e) { e.roots.push_back(2); }, "node 2 is reached");
        row(
            "root beyond the end", [](TreeEnsemble& e) { e.roots[0] = 7; }, "begins at node 7");
        row(
            "leaf beyond the end", [](TreeEnsemble& e) { e.nodes[2].leaf = 2; }, "leaf 2 of 2");
        row(
            "feature beyond the end", [](TreeEnsemble& e) { e.nodes[0].feature = 1; }, "feature 1 of 1");
        row(
            "mode", [](TreeEnsemble& e) { e.nodes[0].mode = static_cast<BranchMode>(9); }, "unknown comparison");
        row(
            "threshold is no number",
            [](TreeEnsemble& e) { e.nodes[0].threshold = std::numeric_limits<float>::quiet_NaN(); }, "not a number");
        row(
            "infinite leaf", [](TreeEnsemble& e) { e.leafValues[0] = std::numeric_limits<float>::infinity(); },
            "not a finite number");
    }
    void everyKindOfDamageIsNamed()
    {
        QFETCH(Damage, damage);
        QFETCH(QString, says);
        TreeEnsemble e = stump();
        damage(e);
        const Status status = validate(e);
        QVERIFY(!status);
        QCOMPARE(status.error().kind, ErrorKind::BadData);
        QVERIFY2(status.error().message.contains(says), qPrintable(status.error().message));
    }

    void namesMustFitTheTrees()
    {
        const QStringList names{QStringLiteral("a"), QStringLiteral("b")};
        QVERIFY(!validate(makeClassifier(stump(), {QStringLiteral("a")}, {})));
        QVERIFY(!validate(makeClassifier(stump(), {QStringLiteral("a"), QStringLiteral("a")}, {})));
        QVERIFY(!validate(makeClassifier(stump(), names, {QStringLiteral("x"), QStringLiteral("y")})));
        QVERIFY(validate(makeClassifier(stump(), names, {QStringLiteral("x")})));
    }

    void wiresMustConnect()
    {
        Model m = makeClassifier(stump(), {QStringLiteral("a"), QStringLiteral("b")}, {});
        m.graph.nodes[0].inputs[0] = "elsewhere";
        QVERIFY(validate(m).error().message.contains(QStringLiteral("elsewhere")));
        m = makeClassifier(stump(), {QStringLiteral("a"), QStringLiteral("b")}, {});
        m.graph.outputs.push_back({"ghost", TensorType::Float32, {-1}});
        QVERIFY(validate(m).error().message.contains(QStringLiteral("ghost")));
    }
};

QTEST_GUILESS_MAIN(TestValidate)
#include "tst_validate.moc"
