// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/trees/parameters.h"

#include <algorithm>
#include <cmath>

namespace ember::trees {
namespace {

using plugin::ParameterSpec;
using plugin::ParameterType;

ParameterSpec integer(const QString& key, int byDefault, int minimum, int maximum, const QString& name,
                      const QString& help)
{
    ParameterSpec spec;
    spec.key = key;
    spec.type = ParameterType::Integer;
    spec.defaultValue = byDefault;
    spec.minimum = minimum;
    spec.maximum = maximum;
    spec.name = name;
    spec.help = help;
    return spec;
}

ParameterSpec treesSpec()
{
    return integer(QStringLiteral("trees"), 20, 1, 2000, QStringLiteral("Trees"),
                   QStringLiteral("How many trees vote; flash and time on the board grow in proportion."));
}

ParameterSpec maxFeaturesSpec(Kind kind)
{
    ParameterSpec spec;
    spec.key = QStringLiteral("max-features");
    spec.type = ParameterType::Text;
    spec.defaultValue = kind == Kind::DecisionTree ? QStringLiteral("all") : QStringLiteral("sqrt");
    spec.name = QStringLiteral("Features per split");
    spec.help =
        QStringLiteral("How many features each split may choose from: sqrt, log2, all, or a number; fewer makes "
                       "the trees more different.");
    return spec;
}

ParameterSpec bootstrapSpec()
{
    ParameterSpec spec;
    spec.key = QStringLiteral("bootstrap");
    spec.type = ParameterType::Boolean;
    spec.defaultValue = true;
    spec.name = QStringLiteral("Draw rows");
    spec.help = QStringLiteral("Each tree learns from its own random draw of the rows.");
    return spec;
}

ParameterSpec classWeightSpec()
{
    ParameterSpec spec;
    spec.key = QStringLiteral("class-weight");
    spec.type = ParameterType::Choice;
    spec.defaultValue = QStringLiteral("none");
    spec.choices = QStringList{QStringLiteral("none"), QStringLiteral("balanced")};
    spec.name = QStringLiteral("Class weights");
    spec.help = QStringLiteral("balanced makes rare classes count as much as common ones; it finds more of them and "
                               "mistakes more of the common ones.");
    return spec;
}

Result<std::size_t> readMaxFeatures(const QString& text, std::size_t columns)
{
    const auto count = static_cast<double>(columns);
    if (text == QLatin1String("all"))
        return columns;
    if (text == QLatin1String("sqrt"))
        return std::max<std::size_t>(1, static_cast<std::size_t>(std::sqrt(count)));
    if (text == QLatin1String("log2"))
        return std::max<std::size_t>(1, static_cast<std::size_t>(std::log2(count)));
    bool isNumber = false;
    const qulonglong number = text.toULongLong(&isNumber);
    if (!isNumber || number < 1 || number > columns)
        return Error(ErrorKind::Usage, QStringLiteral("'max-features' is '%1'.").arg(text),
                     QStringLiteral("Use sqrt, log2, all, or a number from 1 to %1.").arg(columns));
    return static_cast<std::size_t>(number);
}

} // namespace

QList<ParameterSpec> parameterSpecs(Kind kind)
{
    QList<ParameterSpec> specs;
    if (kind != Kind::DecisionTree)
        specs << treesSpec();
    specs << integer(QStringLiteral("max-depth"), 0, 0, 1000, QStringLiteral("Maximum depth"),
                     QStringLiteral("How many questions a tree may ask in a row, 0 for no limit; deeper trees fit more "
                                    "and cost more flash."))
          << integer(
                 QStringLiteral("min-samples-leaf"), 1, 1, 1'000'000, QStringLiteral("Rows per leaf"),
                 QStringLiteral("The least rows a leaf may stand for; more makes smaller trees that are less fooled "
                                "by noise."))
          << integer(QStringLiteral("min-samples-split"), 2, 2, 1'000'000, QStringLiteral("Rows per split"),
                     QStringLiteral("The least rows that are divided further; more makes smaller trees."))
          << maxFeaturesSpec(kind);
    if (kind == Kind::RandomForest)
        specs << bootstrapSpec();
    specs << classWeightSpec();
    return specs;
}

Result<ForestOptions> readOptions(Kind kind, const QVariantMap& parameters, std::size_t columns)
{
    const auto number = [&parameters](const QString& key) { return parameters.value(key).toInt(); };
    ForestOptions options;
    options.trees = kind == Kind::DecisionTree ? 1 : number(QStringLiteral("trees"));
    options.bootstrap = kind == Kind::RandomForest && parameters.value(QStringLiteral("bootstrap")).toBool();
    options.balancedClasses = parameters.value(QStringLiteral("class-weight")).toString() == QLatin1String("balanced");
    options.tree.maxDepth = number(QStringLiteral("max-depth"));
    options.tree.minSamplesLeaf = number(QStringLiteral("min-samples-leaf"));
    options.tree.minSamplesSplit = number(QStringLiteral("min-samples-split"));
    options.tree.randomCuts = kind == Kind::ExtraTrees;
    EMBER_TRY(options.tree.maxFeatures,
              readMaxFeatures(parameters.value(QStringLiteral("max-features")).toString(), columns));
    return options;
}

} // namespace ember::trees
