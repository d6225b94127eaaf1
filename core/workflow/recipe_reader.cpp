// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/quantity.h"
#include "core/workflow/recipe.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

namespace ember::workflow {
namespace {

QString toQString(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

/// One table of the recipe. Remembers which keys were asked for, so that a misspelt one is an error and not a setting
/// that silently does nothing.
class Section
{
public:
    Section(const toml::table* table, QString name)
        : m_table(table)
        , m_name(std::move(name))
    {}

    Result<QString> text(const char* key, const QString& fallback)
    {
        return read<QString>(key, fallback, QStringLiteral("a text in quotes"),
                             [](const toml::node& node) -> std::optional<QString> {
                                 if (const auto value = node.value_exact<std::string>())
                                     return toQString(*value);
                                 return std::nullopt;
                             });
    }
    Result<bool> flag(const char* key, bool fallback)
    {
        return read<bool>(key, fallback, QStringLiteral("true or false"),
                          [](const toml::node& node) { return node.value_exact<bool>(); });
    }
    Result<double> number(const char* key, double fallback)
    {
        return read<double>(key, fallback, QStringLiteral("a number"),
                            [](const toml::node& node) { return node.value<double>(); });
    }
    Result<qint64> integer(const char* key, qint64 fallback)
    {
        return read<qint64>(key, fallback, QStringLiteral("a whole number"),
                            [](const toml::node& node) -> std::optional<qint64> {
                                if (const auto value = node.value_exact<int64_t>())
                                    return static_cast<qint64>(*value);
                                return std::nullopt;
                            });
    }
    /// A duration: "2s", or a number of seconds.
    Result<double> seconds(const char* key, double fallback)
    {
        if (const toml::node* node = find(key); node && node->is_string()) {
            EMBER_TRY(const QString value, text(key, {}));
            return parseSeconds(value);
        }
        return number(key, fallback);
    }
    /// A size: "32 kB", or a number of bytes.
    Result<std::optional<qint64>> bytes(const char* key)
    {
        const toml::node* node = find(key);
        if (!node)
            return std::optional<qint64>();
        if (node->is_string()) {
            EMBER_TRY(const QString value, text(key, {}));
            EMBER_TRY(const qint64 parsed, parseBytes(value));
            return std::optional<qint64>(parsed);
        }
        EMBER_TRY(const qint64 value, integer(key, 0));
        return std::optional<qint64>(value);
    }
    Result<std::optional<double>> optionalNumber(const char* key)
    {
        if (!find(key))
            return std::optional<double>();
        EMBER_TRY(const double value, number(key, 0));
        return std::optional<double>(value);
    }
    Result<std::optional<qint64>> optionalInteger(const char* key)
    {
        if (!find(key))
            return std::optional<qint64>();
        EMBER_TRY(const qint64 value, integer(key, 0));
        return std::optional<qint64>(value);
    }
    Result<QStringList> texts(const char* key)
    {
        QStringList values;
        const toml::node* node = find(key);
        if (!node)
            return values;
        const toml::array* array = node->as_array();
        if (!array)
            return wrong(key, *node, QStringLiteral("a list of texts"));
        for (const toml::node& item : *array) {
            const auto value = item.value_exact<std::string>();
            if (!value)
                return wrong(key, item, QStringLiteral("a list of texts"));
            values << toQString(*value);
        }
        return values;
    }
    Result<QVariantMap> parameters(const char* key)
    {
        QVariantMap values;
        const toml::node* node = find(key);
        if (!node)
            return values;
        const toml::table* table = node->as_table();
        if (!table)
            return wrong(key, *node, QStringLiteral("a table of parameters"));
        for (const auto& [name, value] : *table) {
            const QString parameter = toQString(name.str());
            if (const auto flag = value.value_exact<bool>())
                values.insert(parameter, *flag);
            else if (const auto whole = value.value_exact<int64_t>())
                values.insert(parameter, static_cast<qint64>(*whole));
            else if (const auto real = value.value_exact<double>())
                values.insert(parameter, *real);
            else if (const auto string = value.value_exact<std::string>())
                values.insert(parameter, toQString(*string));
            else
                return wrong(key, value, QStringLiteral("numbers, texts, true or false"));
        }
        return values;
    }

    /// Error Usage for a key that nobody asked for.
    Status finish() const
    {
        if (!m_table)
            return {};
        for (const auto& [key, node] : *m_table) {
            if (!m_known.contains(toQString(key.str())))
                return Error(ErrorKind::Usage,
                             QStringLiteral("Line %1: %2 has no key '%3'.")
                                 .arg(node.source().begin.line)
                                 .arg(m_name, toQString(key.str())),
                             QStringLiteral("It knows %1.").arg(m_known.join(QStringLiteral(", "))));
        }
        return {};
    }
    void know(const char* key) { find(key); }

private:
    const toml::node* find(const char* key)
    {
        if (!m_known.contains(QLatin1String(key)))
            m_known << QLatin1String(key);
        return m_table ? m_table->get(key) : nullptr;
    }
    Error wrong(const char* key, const toml::node& node, const QString& wanted) const
    {
        return Error(ErrorKind::BadData, QStringLiteral("Line %1: '%2' of %3 wants %4.")
                                             .arg(node.source().begin.line)
                                             .arg(QLatin1String(key), m_name, wanted));
    }
    template <typename T, typename Convert>
    Result<T> read(const char* key, const T& fallback, const QString& wanted, Convert convert)
    {
        const toml::node* node = find(key);
        if (!node)
            return fallback;
        const std::optional<T> value = convert(*node);
        if (!value)
            return wrong(key, *node, wanted);
        return *value;
    }

    const toml::table* m_table;
    QString m_name;
    QStringList m_known;
};

/// A section that is not there has all its defaults; one that is no table would look the same, and is an error.
Result<Section> section(const toml::table& root, const char* name)
{
    const toml::node* node = root.get(name);
    if (node && !node->is_table())
        return Error(
            ErrorKind::Usage,
            QStringLiteral("Line %1: '%2' is not one section.").arg(node->source().begin.line).arg(QLatin1String(name)),
            QStringLiteral("Write [%1].").arg(QLatin1String(name)));
    return Section(node ? node->as_table() : nullptr, QStringLiteral("[%1]").arg(QLatin1String(name)));
}

/// Files whose path is like this one: the name may hold wildcards, and so may the name of its folder.
QStringList filesLike(const QString& path)
{
    const QFileInfo file(path);
    const QFileInfo folder(file.path());
    QStringList folders = {file.path()};
    if (folder.fileName().contains(QLatin1Char('*'))) {
        folders.clear();
        const QDir above(folder.path());
        for (const QString& name : above.entryList({folder.fileName()}, QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name))
            folders << above.filePath(name);
    }
    QStringList files;
    for (const QString& each : folders) {
        for (const QString& name : QDir(each).entryList({file.fileName()}, QDir::Files, QDir::Name))
            files << QDir(each).filePath(name);
    }
    return files;
}

Status readData(Section data, const QDir& folder, Recipe& recipe)
{
    EMBER_TRY(const QString project, data.text("project", {}));
    EMBER_TRY(const QStringList patterns, data.texts("files"));
    EMBER_TRY(recipe.import.labelFromFolder, data.flag("label_from_folder", false));
    EMBER_TRY(recipe.import.labelPattern, data.text("label_pattern", {}));
    EMBER_TRY(recipe.import.groupPattern, data.text("group_pattern", {}));
    EMBER_CHECK(data.finish());
    if (project.isEmpty() == patterns.isEmpty())
        return Error(ErrorKind::Usage, QStringLiteral("[data] wants either 'project' or 'files'."));
    if (!project.isEmpty())
        recipe.project = folder.absoluteFilePath(project);
    for (const QString& pattern : patterns) {
        const QStringList files = filesLike(folder.absoluteFilePath(pattern));
        if (files.isEmpty())
            return Error(ErrorKind::NotFound, QStringLiteral("[data] no file is called '%1'.").arg(pattern),
                         QStringLiteral("Paths are relative to the recipe's folder, or to the one that --data names."));
        recipe.files << files;
    }
    return {};
}

Status readFeatures(Section features, const QDir& folder, FeatureRequest& request)
{
    EMBER_TRY(request.preset, features.text("preset", request.preset));
    EMBER_TRY(const QString pipeline, features.text("pipeline", {}));
    if (!pipeline.isEmpty())
        request.pipelineFile = folder.absoluteFilePath(pipeline);
    EMBER_TRY(request.windowSeconds, features.seconds("window", request.windowSeconds));
    EMBER_TRY(request.strideSeconds, features.seconds("stride", request.strideSeconds));
    EMBER_TRY(request.labelSet, features.text("labels", {}));
    EMBER_TRY(request.minShare, features.number("min_share", request.minShare));
    return features.finish();
}

Status readTrainers(const toml::table& root, Recipe& recipe)
{
    const toml::node* node = root.get("train");
    const toml::array* tables = node ? node->as_array() : nullptr;
    if (!tables || !tables->is_array_of_tables())
        return Error(ErrorKind::Usage, QStringLiteral("A recipe wants at least one [[train]]."),
                     QStringLiteral("For example:\n[[train]]\ntrainer = \"trees.random-forest\""));
    for (const toml::node& item : *tables) {
        Section train(item.as_table(), QStringLiteral("[[train]]"));
        RecipeTrainer trainer;
        EMBER_TRY(trainer.trainer, train.text("trainer", {}));
        EMBER_TRY(const qint64 seed, train.integer("seed", 1));
        trainer.seed = static_cast<quint64>(seed);
        EMBER_TRY(trainer.parameters, train.parameters("parameters"));
        EMBER_TRY(trainer.preset, train.text("preset", {}));
        EMBER_CHECK(train.finish());
        if (trainer.trainer.isEmpty())
            return Error(ErrorKind::Usage,
                         QStringLiteral("Line %1: [[train]] without 'trainer'.").arg(item.source().begin.line));
        recipe.trainers.push_back(std::move(trainer));
    }
    return {};
}

Status readGates(Section section, RecipeGates& gates)
{
    EMBER_TRY(gates.minF1, section.optionalNumber("min_f1"));
    EMBER_TRY(gates.minAccuracy, section.optionalNumber("min_accuracy"));
    EMBER_TRY(gates.maxFlashBytes, section.bytes("max_flash"));
    EMBER_TRY(gates.maxRamBytes, section.bytes("max_ram"));
    EMBER_TRY(gates.maxInstructions, section.optionalInteger("max_instructions"));
    EMBER_TRY(gates.maxLatencyMs, section.optionalNumber("max_latency_ms"));
    EMBER_TRY(gates.maxEnergyMicrojoules, section.optionalNumber("max_energy_uj"));
    EMBER_TRY(gates.minBatteryHours, section.optionalNumber("min_battery_hours"));
    EMBER_TRY(gates.maxFlips, section.optionalInteger("flips"));
    return section.finish();
}

bool needsBoard(const RecipeGates& gates)
{
    return gates.maxFlashBytes || gates.maxRamBytes || gates.maxInstructions || gates.maxLatencyMs ||
           gates.maxEnergyMicrojoules || gates.minBatteryHours || gates.maxFlips;
}

Result<Recipe> interpret(const toml::table& root, const QFileInfo& file, const QString& dataFolder)
{
    const QDir folder(file.absolutePath());
    Recipe recipe;
    Section top(&root, QStringLiteral("the recipe"));
    for (const char* known : {"data", "features", "validation", "train", "target", "gates"})
        top.know(known);
    EMBER_TRY(recipe.name, top.text("name", file.completeBaseName()));
    EMBER_CHECK(top.finish());
    EMBER_TRY(Section data, section(root, "data"));
    EMBER_CHECK(readData(std::move(data), dataFolder.isEmpty() ? folder : QDir(dataFolder), recipe));
    EMBER_TRY(Section features, section(root, "features"));
    EMBER_CHECK(readFeatures(std::move(features), folder, recipe.features));

    EMBER_TRY(Section validation, section(root, "validation"));
    EMBER_TRY(const QString method, validation.text("method", QStringLiteral("group-kfold:5")));
    EMBER_CHECK(validation.finish());
    EMBER_TRY(recipe.validation, parseValidation(method));
    EMBER_CHECK(readTrainers(root, recipe));

    EMBER_TRY(Section target, section(root, "target"));
    EMBER_TRY(recipe.board, target.text("board", {}));
    EMBER_TRY(recipe.optimise, target.text("optimise", QStringLiteral("size")));
    EMBER_TRY(recipe.verifyRows, target.integer("rows", recipe.verifyRows));
    EMBER_TRY(recipe.duty.batteryMilliampHours, target.optionalNumber("battery_mah"));
    EMBER_TRY(recipe.duty.inferencesPerSecond, target.optionalNumber("per_second"));
    EMBER_CHECK(target.finish());
    if (recipe.duty.batteryMilliampHours.value_or(1) <= 0 || recipe.duty.inferencesPerSecond.value_or(1) <= 0)
        return Error(ErrorKind::Usage, QStringLiteral("'battery_mah' and 'per_second' of [target] are above zero."));
    EMBER_TRY(Section gates, section(root, "gates"));
    EMBER_CHECK(readGates(std::move(gates), recipe.gates));
    if (recipe.gates.minBatteryHours && !recipe.duty.batteryMilliampHours)
        return Error(ErrorKind::Usage, QStringLiteral("The gate 'min_battery_hours' wants to know the battery."),
                     QStringLiteral("Add battery_mah = 220 to [target]."));
    if (recipe.board.isEmpty() && needsBoard(recipe.gates))
        return Error(ErrorKind::Usage, QStringLiteral("The gates are about a board, but [target] names none."),
                     QStringLiteral("Add [target] with board = \"mps2-an386\"; 'emberlab boards' lists them."));
    return recipe;
}

} // namespace

Result<Recipe> readRecipe(const QString& path, const QString& dataFolder)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Error(ErrorKind::NotFound,
                     QStringLiteral("The recipe '%1' cannot be read: %2.").arg(path, file.errorString()));
    const QByteArray text = file.readAll();
    const toml::parse_result parsed =
        toml::parse(std::string_view(text.constData(), static_cast<std::size_t>(text.size())));
    if (!parsed)
        return Error(ErrorKind::BadData, QStringLiteral("'%1', line %2: %3.")
                                             .arg(path)
                                             .arg(parsed.error().source().begin.line)
                                             .arg(toQString(parsed.error().description())));
    const Result<Recipe> recipe = interpret(parsed.table(), QFileInfo(path), dataFolder);
    return recipe ? recipe : recipe.error().context(QStringLiteral("reading '%1'").arg(path));
}

} // namespace ember::workflow
