// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/evaluator.h"
#include "core/model/onnx_format.h"
#include "core/model/onnx_reader.h"
#include "core/model/onnx_trees.h"
#include "tests/model/onnx_protos.h"
#include "tests/support/cost_guard.h"

#include <QRandomGenerator>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

using namespace ember;
using namespace ember::model;
using namespace ember::test;
namespace {

using Damage = std::function<void(pb::NodeProto&)>;

} // namespace
Q_DECLARE_METATYPE(Damage)

namespace {

constexpr float kEnd = std::numeric_limits<float>::quiet_NaN(); ///< of a set of members

// A tree of version 5 of which every node asks for membership: node i of feature i % 2 goes on to node i + 1 when it is
// true, or else to leaf 0, whose weight is 1; the last one goes to leaf 1, whose weight is 2.
pb::ModelProto membersProto(int nodes, const std::vector<float>& members)
{
    pb::ModelProto model = stumpProto();
    pb::NodeProto& node = *model.mutable_graph()->mutable_node(0);
    node.clear_attribute();
    node.set_op_type("TreeEnsemble");
    node.mutable_output()->RemoveLast();
    const auto tensor = [&node](const char* name, int type) {
        pb::TensorProto* t = attribute(node, name)->mutable_t();
        t->set_data_type(type);
        return t;
    };
    pb::TensorProto* splits = tensor("nodes_splits", 1);
    for (int i = 0; i < nodes; ++i) {
        const bool last = i + 1 == nodes;
        attribute(node, "nodes_featureids")->add_ints(i % 2);
        attribute(node, "nodes_truenodeids")->add_ints(last ? 1 : i + 1);
        attribute(node, "nodes_falsenodeids")->add_ints(0);
        attribute(node, "nodes_trueleafs")->add_ints(last ? 1 : 0);
        attribute(node, "nodes_falseleafs")->add_ints(1);
        splits->add_float_data(kEnd); // of a comparison with members nobody asks
    }
    setInts(node, "leaf_targetids", {0, 0});
    setInts(node, "tree_roots", {0});
    attribute(node, "n_targets")->set_i(1);
    tensor("nodes_modes", 2)->set_raw_data(std::string(static_cast<std::size_t>(nodes), '\6'));
    for (const double weight : {1.0, 2.0})
        tensor("leaf_weights", 11)->add_double_data(weight);
    for (const float member : members)
        tensor("membership_values", 1)->add_float_data(member);
    return model;
}

} // namespace

class TestOnnxHostile : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theUndamagedStumpIsRead()
    {
        const Model model = readOnnx(bytesOf(stumpProto())).value();
        QCOMPARE(model.classNames, (QStringList{QStringLiteral("5"), QStringLiteral("6"), QStringLiteral("7")}));
        QCOMPARE(treesOf(model).featureCount, 2);
        QCOMPARE(treesOf(model).leafValues, (std::vector<float>{1, 0, 0, 0, 0.25f, 0.75f}));
        // Names may be any bytes, those of a group too.
        const std::string annotated = field(7, field(14, field(1, "\x1B") + field(2, field(1, "SCALE_TENSOR"))));
        QVERIFY(readOnnx(bytesFrom(annotated + stumpProto().SerializeAsString())));
    }

    void damagedTreesAreRefusedWithAReason_data()
    {
        QTest::addColumn<Damage>("damage");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, Damage damage, const char* says) {
            QTest::newRow(name) << damage << QString::fromLatin1(says);
        };
        row(
            "lists of different length",
            [](pb::NodeProto& n) {
                setInts(n, "nodes_nodeids", {0, 1});
            },
            "different lengths");
        row(
            "no nodes",
            [](pb::NodeProto& n) {
                n.clear_attribute();
                setInts(n, "classlabels_int64s", {1, 2});
            },
            "none");
        row(
            "no labels", [](pb::NodeProto& n) { setInts(n, "classlabels_int64s", {}); }, "no class labels");
        row(
            "node twice",
            [](pb::NodeProto& n) {
                setInts(n, "nodes_nodeids", {0, 1, 1});
            },
            "there twice");
        row(
            "child missing",
            [](pb::NodeProto& n) {
                setInts(n, "nodes_truenodeids", {9, 0, 0});
            },
            "not there");
        row(
            "node is its own child",
            [](pb::NodeProto& n) {
                setInts(n, "nodes_truenodeids", {0, 0, 0});
            },
            "belong to no tree");
        row(
            "both children the same",
            [](pb::NodeProto& n) {
                setInts(n, "nodes_truenodeids", {2, 0, 0});
            },
            "two roots|more than one");
        row(
            "circle",
            [](pb::NodeProto& n) {
                setStrings(n, "nodes_modes", {"BRANCH_LEQ", "BRANCH_LEQ", "LEAF"});
                setInts(n, "nodes_truenodeids", {1, 0, 0});
                setInts(n, "nodes_falsenodeids", {2, 2, 0});
            },
            "circle");
        row(
            "mode",
            [](pb::NodeProto& n) {
                setStrings(n, "nodes_modes", {"BRANCH_MAYBE", "LEAF", "LEAF"});
            },
            "BRANCH_MAYBE");
        row(
            "negative feature",
            [](pb::NodeProto& n) {
                setInts(n, "nodes_featureids", {-1, 0, 0});
            },
            "feature -1");
        row(
            "feature beyond the input",
            [](pb::NodeProto& n) {
                setInts(n, "nodes_featureids", {2, 0, 0});
            },
            "2 features but its trees read 3");
        row(
            "weight for no node",
            [](pb::NodeProto& n) {
                setInts(n, "class_nodeids", {1, 2, 8});
            },
            "not there");
        row(
            "weight for no class",
            [](pb::NodeProto& n) {
                setInts(n, "class_ids", {0, 1, 3});
            },
            "not there");
        row(
            "weight lists",
            [](pb::NodeProto& n) {
                setInts(n, "class_ids", {0, 1});
            },
            "different lengths");
        row(
            "infinite weight",
            [](pb::NodeProto& n) {
                setFloats(n, "class_weights", {1, 0, std::numeric_limits<float>::infinity()});
            },
            "not a finite number");
        row(
            "threshold is no number",
            [](pb::NodeProto& n) {
                setFloats(n, "nodes_values", {std::nanf(""), 0, 0});
            },
            "not a number");
        row(
            "base values",
            [](pb::NodeProto& n) {
                setFloats(n, "base_values", {1, 2});
            },
            "2 base values");
        row(
            "transform", [](pb::NodeProto& n) { attribute(n, "post_transform")->set_s("MAGIC"); }, "MAGIC");
        row(
            "huge target count",
            [](pb::NodeProto& n) {
                n.set_op_type("TreeEnsembleRegressor");
                attribute(n, "n_targets")->set_i(std::numeric_limits<qint64>::max());
            },
            "targets");
        row(
            "input from nowhere", [](pb::NodeProto& n) { n.set_input(0, "y"); }, "nothing provides 'y'");
        row(
            "its own input", [](pb::NodeProto& n) { n.set_input(0, "scores"); }, "nothing provides 'scores'");
        row(
            "same label twice",
            [](pb::NodeProto& n) {
                setInts(n, "classlabels_int64s", {5, 5, 7});
            },
            "same name");
    }
    void damagedTreesAreRefusedWithAReason()
    {
        QFETCH(Damage, damage);
        QFETCH(QString, says);
        pb::ModelProto model = stumpProto();
        damage(*model.mutable_graph()->mutable_node(0));
        const auto result = readOnnx(bytesOf(model));
        QVERIFY(!result);
        QVERIFY(result.error().kind == ErrorKind::BadData || result.error().kind == ErrorKind::Unsupported);
        const QStringList any = says.split(QLatin1Char('|'));
        QVERIFY2(
            std::any_of(any.begin(), any.end(), [&](const QString& s) { return result.error().message.contains(s); }),
            qPrintable(result.error().message));
    }

    void aroundTheTrees()
    {
        // Cast to float and Identity before them change nothing; Cast to int would.
        pb::ModelProto model = stumpProto();
        pb::NodeProto& cast = *model.mutable_graph()->add_node();
        cast.set_op_type("Cast");
        cast.add_input("x");
        cast.add_output("x as float");
        attribute(cast, "to")->set_i(1);
        model.mutable_graph()->mutable_node(0)->set_input(0, "x as float");
        QCOMPARE(readOnnx(bytesOf(model))->graph.nodes[0].inputs[0], std::string("x"));
        attribute(*model.mutable_graph()->mutable_node(1), "to")->set_i(6);
        QVERIFY(readOnnx(bytesOf(model)).error().message.contains(QStringLiteral("rounds its features")));

        model = stumpProto();
        model.mutable_graph()->add_node()->set_op_type("Relu");
        QCOMPARE(readOnnx(bytesOf(model)).error().kind, ErrorKind::BadData); // an operator without results
        model = stumpProto();
        *model.mutable_graph()->add_node() = model.graph().node(0);
        QVERIFY(readOnnx(bytesOf(model)).error().message.contains(QStringLiteral("two values are called")));
        model = stumpProto();
        model.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(10);
        QVERIFY(readOnnx(bytesOf(model)).error().message.contains(QStringLiteral("element type 10")));
    }

    void doubleThresholdsSplitFloatsTheSameWay()
    {
        QRandomGenerator random(5);
        for (int i = 0; i < 2000; ++i) {
            const double threshold = random.generateDouble() * 20 - 10;
            const auto near = static_cast<float>(threshold);
            for (const float x : {near, std::nextafter(near, 100.0f), std::nextafter(near, -100.0f)}) {
                const double wide = x;
                QCOMPARE(x <= detail::narrowThreshold(threshold, BranchMode::LessOrEqual).value(), wide <= threshold);
                QCOMPARE(x < detail::narrowThreshold(threshold, BranchMode::Less).value(), wide < threshold);
                QCOMPARE(x >= detail::narrowThreshold(threshold, BranchMode::GreaterOrEqual).value(),
                         wide >= threshold);
                QCOMPARE(x > detail::narrowThreshold(threshold, BranchMode::Greater).value(), wide > threshold);
            }
        }
        QVERIFY(!detail::narrowThreshold(0.1, BranchMode::Equal));
        QCOMPARE(detail::narrowThreshold(0.5, BranchMode::Equal).value(), 0.5f);
    }

    // A regressor of version 5: x0 < 1 ? leaf 0 : (x1 >= 2 ? leaf 1 : leaf 0), and a lone leaf 1 as second tree.
    void versionFiveIsRead()
    {
        pb::ModelProto model = stumpProto();
        pb::NodeProto& node = *model.mutable_graph()->mutable_node(0);
        node.clear_attribute();
        node.set_op_type("TreeEnsemble");
        node.mutable_output()->RemoveLast();
        setInts(node, "nodes_featureids", {0, 1, 0});
        setInts(node, "nodes_truenodeids", {0, 1, 1});
        setInts(node, "nodes_falsenodeids", {1, 0, 1});
        setInts(node, "nodes_trueleafs", {1, 1, 1});
        setInts(node, "nodes_falseleafs", {0, 1, 1});
        setInts(node, "leaf_targetids", {0, 1});
        setInts(node, "tree_roots", {0, 2});
        attribute(node, "n_targets")->set_i(2);
        const auto tensor = [&node](const char* name, int type) {
            pb::TensorProto* t = attribute(node, name)->mutable_t();
            t->set_data_type(type);
            return t;
        };
        pb::TensorProto* splits = tensor("nodes_splits", 1);
        for (const float s : {1.0f, 2.0f, 0.0f})
            splits->add_float_data(s);
        tensor("nodes_modes", 2)->set_raw_data(std::string("\1\2\0", 3));
        pb::TensorProto* weights = tensor("leaf_weights", 11);
        weights->add_double_data(10);
        weights->add_double_data(20);

        const auto read = readOnnx(bytesOf(model));
        QVERIFY2(read, qPrintable(read ? QString() : read.error().toString()));
        const TreeEnsemble& trees = treesOf(*read);
        QVERIFY(!trees.classifier);
        QCOMPARE(trees.roots, (std::vector<qint32>{0, 5}));
        QCOMPARE(trees.leafValues, (std::vector<float>{10, 0, 0, 20}));
        QCOMPARE(trees.nodes[0].mode, BranchMode::Less);
        QCOMPARE(trees.nodes[2].mode, BranchMode::GreaterOrEqual);
        QCOMPARE(trees.nodes[5].leaf, 1);

        attribute(node, "nodes_modes")->mutable_t()->set_raw_data(std::string("\1\6\0", 3));
        QVERIFY(readOnnx(bytesOf(model)).error().message.contains(QStringLiteral("0 sets")));
        attribute(node, "nodes_modes")->mutable_t()->set_raw_data(std::string("\1\7\0", 3));
        QVERIFY(readOnnx(bytesOf(model)).error().message.contains(QStringLiteral("comparison number 7")));
        attribute(node, "nodes_modes")->mutable_t()->set_raw_data("\1");
        QVERIFY(readOnnx(bytesOf(model)).error().message.contains(QStringLiteral("different lengths")));
    }

    void membershipIsAsked()
    {
        const std::vector<float> first{1, 2.5f, 7}, second{2.5f, -4};
        std::vector<float> members = first;
        members.push_back(kEnd);
        members.insert(members.end(), second.begin(), second.end());
        const auto holds = [](const std::vector<float>& set, float x) {
            return std::find(set.begin(), set.end(), x) != set.end();
        };
        for (const bool ended : {false, true}) { // the last set may have its end or not
            if (ended)
                members.push_back(kEnd);
            const auto model = readOnnx(bytesOf(membersProto(2, members)));
            QVERIFY2(model, model ? "" : qPrintable(model.error().toString()));
            for (const float x : {-4.0f, 0.0f, 1.0f, 2.5f, 6.9f, 7.0f, kEnd}) {
                for (const float y : {-4.0f, 1.0f, 2.5f, 7.0f}) {
                    const std::vector<float> row{x, y};
                    const float wanted = holds(first, x) && holds(second, y) ? 2.0f : 1.0f;
                    QCOMPARE(evaluate(*model, row).value().row(0)[0], wanted);
                }
            }
        }
        const auto nothing = readOnnx(bytesOf(membersProto(1, {kEnd})));
        QVERIFY2(nothing, nothing ? "" : qPrintable(nothing.error().toString()));
        QCOMPARE(evaluate(*nothing, std::vector<float>{1, 1}).value().row(0)[0], 1.0f);
        QVERIFY(readOnnx(bytesOf(membersProto(2, {1, 2}))).error().message.contains(QStringLiteral("1 sets")));
        QVERIFY(readOnnx(bytesOf(membersProto(1, {1, kEnd, 2}))).error().message.contains(QStringLiteral("2 sets")));
    }

    // What follows a comparison is there once for each member: few lists ask for more nodes than there are atoms.
    void membershipsInMembershipsAreRefused()
    {
        std::vector<float> members;
        for (int set = 0; set < 40; ++set) {
            for (int i = 0; i < 30; ++i)
                members.push_back(static_cast<float>(i));
            members.push_back(kEnd);
        }
        const QByteArray bytes = bytesOf(membersProto(40, members));
        const CostGuard guard;
        const auto model = readOnnx(bytes);
        guard.check("sets in sets");
        QVERIFY(!model);
        QVERIFY2(model.error().message.contains(QStringLiteral("nodes")), qPrintable(model.error().message));
        // A circle of comparisons is one too.
        pb::ModelProto circle = membersProto(2, {1, 2, kEnd, 3, 4});
        attribute(*circle.mutable_graph()->mutable_node(0), "nodes_truenodeids")->set_ints(1, 0);
        attribute(*circle.mutable_graph()->mutable_node(0), "nodes_trueleafs")->set_ints(1, 0);
        const QByteArray round = bytesOf(circle);
        const CostGuard again;
        const auto refused = readOnnx(round);
        again.check("a circle of sets");
        QVERIFY(!refused);
    }
};

QTEST_GUILESS_MAIN(TestOnnxHostile)
#include "tst_onnx_hostile.moc"
