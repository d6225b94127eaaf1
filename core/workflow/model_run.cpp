// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/model_run.h"

#include "core/dataset/table.h"
#include "core/model/analysis.h"
#include "core/model/model_file.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QJsonArray>
#include <QRegularExpression>
#include <QSaveFile>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <functional>

namespace ember::workflow {
namespace {

using model::Tensor;
using model::TensorType;
using signal::NpyArray;
using signal::NpyType;

constexpr std::array<std::pair<NpyType, TensorType>, 11> kTypes = {
    std::pair{NpyType::Bool, TensorType::Bool},      std::pair{NpyType::Int8, TensorType::Int8},
    std::pair{NpyType::Int16, TensorType::Int16},    std::pair{NpyType::Int32, TensorType::Int32},
    std::pair{NpyType::Int64, TensorType::Int64},    std::pair{NpyType::UInt8, TensorType::UInt8},
    std::pair{NpyType::UInt16, TensorType::UInt16},  std::pair{NpyType::UInt32, TensorType::UInt32},
    std::pair{NpyType::UInt64, TensorType::UInt64},  std::pair{NpyType::Float32, TensorType::Float32},
    std::pair{NpyType::Float64, TensorType::Float64}};

// Converts the type where every value survives; otherwise the value stays as it is, and the run refuses it.
Result<Tensor> fitted(Tensor value, const model::ValueInfo& info)
{
    if (value.type() != info.type && value.type() != TensorType::String && info.type != TensorType::String) {
        EMBER_TRY(Tensor converted, Tensor::zeros(info.type, value.shape()));
        const std::vector<double> numbers = value.toDouble();
        converted.assign(std::span<const double>(numbers));
        // Doubles of a file are features for a float32 model: rounding them is what such a model expects.
        const bool rounds = value.type() == TensorType::Float64 && info.type == TensorType::Float32;
        if (rounds || converted.toDouble() == numbers)
            value = std::move(converted);
    }
    const bool fixed = std::all_of(info.shape.begin(), info.shape.end(), [](qint64 size) { return size >= 0; });
    const auto count = model::elementCount(info.shape);
    if (fixed && count && *count == value.size() && value.shape() != info.shape)
        EMBER_CHECK(value.reshape(info.shape));
    return value;
}

// How many times the fixed batch of its inputs the values hold; 1 when that is not the question.
qint64 batchesIn(const std::vector<model::ValueInfo>& infos, const std::vector<Tensor>& values)
{
    qint64 batches = 0;
    for (std::size_t i = 0; i < infos.size(); ++i) {
        const model::Shape& shape = infos[i].shape;
        if (shape.empty() || std::any_of(shape.begin(), shape.end(), [](qint64 size) { return size < 1; }))
            return 1;
        qint64 one = 1;
        for (const qint64 size : shape)
            one *= size;
        if (values[i].rank() < 1 || values[i].size() % one != 0 || values[i].shape()[0] % shape[0] != 0 ||
            values[i].size() / one != values[i].shape()[0] / shape[0])
            return 1;
        const qint64 found = values[i].size() / one;
        if (batches != 0 && found != batches)
            return 1;
        batches = found;
    }
    return std::max<qint64>(1, batches);
}

Result<Tensor> part(const Tensor& whole, qint64 index, qint64 count, const model::Shape& shape)
{
    EMBER_TRY(Tensor result, Tensor::zeros(whole.type(), shape));
    if (whole.type() == TensorType::String) {
        for (qint64 i = 0; i < result.size(); ++i)
            result.strings()[static_cast<std::size_t>(i)] =
                whole.strings()[static_cast<std::size_t>(index * result.size() + i)];
        return result;
    }
    const std::size_t bytes = whole.bytes().size() / static_cast<std::size_t>(count);
    std::memcpy(result.bytes().data(), whole.bytes().data() + static_cast<std::size_t>(index) * bytes, bytes);
    return result;
}

Result<Tensor> together(const std::vector<Tensor>& parts)
{
    model::Shape shape = parts.front().shape();
    if (shape.empty())
        shape = {1};
    shape[0] *= static_cast<qint64>(parts.size());
    EMBER_TRY(Tensor whole, Tensor::zeros(parts.front().type(), shape));
    std::size_t at = 0;
    for (const Tensor& one : parts) {
        if (one.type() == TensorType::String)
            std::copy(one.strings().begin(), one.strings().end(),
                      whole.strings().begin() + static_cast<std::ptrdiff_t>(at));
        else
            std::copy(one.bytes().begin(), one.bytes().end(), whole.bytes().begin() + static_cast<std::ptrdiff_t>(at));
        at += one.type() == TensorType::String ? one.strings().size() : one.bytes().size();
    }
    return whole;
}

// Labels that are all whole numbers are written as such: the trees they come from had numbers for labels.
Tensor labelsAsNumbers(const model::Model& model, Tensor value)
{
    if (!model::isTreeModel(model) || value.type() != TensorType::String)
        return value;
    for (const QString& name : model.classNames) {
        bool whole = false;
        name.toLongLong(&whole);
        if (!whole)
            return value;
    }
    std::vector<qint64> numbers;
    for (const std::string& text : value.strings())
        numbers.push_back(QString::fromStdString(text).toLongLong());
    return Tensor::of(numbers, value.shape());
}

QString fileNameFor(const QString& output, std::size_t index)
{
    QString name = output;
    name.replace(QRegularExpression(QStringLiteral("[^A-Za-z0-9._-]+")), QStringLiteral("_"));
    name = name.left(80);
    return name.isEmpty() || name.startsWith(QLatin1Char('.')) ? QStringLiteral("output_%1").arg(index) : name;
}

Status writeLines(const QString& path, const std::vector<std::string>& lines)
{
    QSaveFile file(path);
    QByteArray text;
    for (const std::string& line : lines)
        text += QByteArray::fromStdString(line) + '\n';
    if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size() || !file.commit())
        return Error(ErrorKind::Io, QStringLiteral("'%1' cannot be written: %2.").arg(path, file.errorString()));
    return {};
}

QJsonArray endsToJson(const std::vector<model::ValueInfo>& ends)
{
    QJsonArray list;
    for (const model::ValueInfo& info : ends) {
        QJsonArray shape;
        for (const qint64 size : info.shape)
            shape.append(size);
        list.append(QJsonObject{{QStringLiteral("name"), QString::fromStdString(info.name)},
                                {QStringLiteral("type"), model::tensorTypeName(info.type)},
                                {QStringLiteral("shape"), shape}});
    }
    return list;
}

QJsonArray nodesToJson(const std::vector<model::ListedNode>& nodes)
{
    QJsonArray list;
    for (const model::ListedNode& node : nodes)
        list.append(QJsonObject{{QStringLiteral("operation"), node.operation},
                                {QStringLiteral("parameters"), node.parameters},
                                {QStringLiteral("inputs"), QJsonArray::fromStringList(node.inputs)},
                                {QStringLiteral("outputs"), endsToJson(node.outputs)}});
    return list;
}

} // namespace

Result<Tensor> tensorOf(const NpyArray& array)
{
    for (const auto& [npy, type] : kTypes) {
        if (npy != array.type)
            continue;
        EMBER_TRY(Tensor tensor, Tensor::zeros(type, array.shape));
        if (static_cast<std::size_t>(array.data.size()) != tensor.bytes().size())
            return Error(ErrorKind::BadData, QStringLiteral("An array has other bytes than its shape says."));
        if (!tensor.bytes().empty())
            std::memcpy(tensor.bytes().data(), array.data.constData(), tensor.bytes().size());
        return tensor;
    }
    return Error(ErrorKind::Unsupported,
                 QStringLiteral("Arrays of %1 are not supported.").arg(signal::npyTypeName(array.type)),
                 QStringLiteral("Convert it to float32 first."));
}

Result<NpyArray> npyOf(const Tensor& tensor)
{
    for (const auto& [npy, type] : kTypes) {
        if (type != tensor.type())
            continue;
        NpyArray array;
        array.type = npy;
        array.shape = tensor.shape();
        array.data = QByteArray(reinterpret_cast<const char*>(tensor.bytes().data()),
                                static_cast<qsizetype>(tensor.bytes().size()));
        return array;
    }
    return Error(ErrorKind::Unsupported, QStringLiteral("Text does not fit into an .npy file."));
}

Result<Tensor> readRows(const QString& path, const model::ValueInfo& input, const QString& labelColumn)
{
    if (!path.endsWith(QStringLiteral(".csv"), Qt::CaseInsensitive)) {
        EMBER_TRY(const NpyArray array, signal::readNpy(path));
        EMBER_TRY(Tensor value, tensorOf(array));
        return fitted(std::move(value), input);
    }
    auto table = dataset::readTable(path, {labelColumn, {}});
    if (!table && table.error().kind == ErrorKind::Usage) // without labels
        table = dataset::readTable(path, {});
    if (!table)
        return table.error();
    Tensor value = Tensor::of(table->values, {static_cast<qint64>(table->rows()), table->columns.size()});
    // Rows of numbers may stand for images or windows.
    if (input.shape.size() > 2) {
        model::Shape shape = input.shape;
        shape[0] = static_cast<qint64>(table->rows());
        EMBER_CHECK(value.reshape(shape));
    }
    return fitted(std::move(value), input);
}

Result<ModelInfo> inspectModel(const QString& path)
{
    ModelInfo info;
    EMBER_TRY(info.summary, model::summariseModel(path));
    const auto loaded = model::loadModel(path);
    if (!loaded) {
        info.problem = loaded.error().message;
        return info;
    }
    info.listing = model::listing(*loaded);
    info.nodes = model::listedNodes(*loaded);
    if (const auto analysis = model::analyse(loaded->graph)) {
        info.macs = analysis->macs;
        info.liveRamBytes = analysis->liveBytes;
    }
    return info;
}

QJsonObject modelInfoToJson(const ModelInfo& info)
{
    QJsonObject operators;
    for (auto it = info.summary.operators.cbegin(); it != info.summary.operators.cend(); ++it)
        operators.insert(it.key(), it.value());
    const auto known = [](qint64 value) { return value < 0 ? QJsonValue() : QJsonValue(value); };
    QJsonObject object{{QStringLiteral("inputs"), endsToJson(info.summary.inputs)},
                       {QStringLiteral("outputs"), endsToJson(info.summary.outputs)},
                       {QStringLiteral("operators"), operators},
                       {QStringLiteral("unsupported"), QJsonArray::fromStringList(info.summary.unsupported)},
                       {QStringLiteral("parameters"), info.summary.parameters},
                       {QStringLiteral("nodes"), nodesToJson(info.nodes)},
                       {QStringLiteral("macs"), known(info.macs)},
                       {QStringLiteral("live_ram_bound_bytes"), known(info.liveRamBytes)}};
    if (!info.problem.isEmpty())
        object.insert(QStringLiteral("problem"), info.problem);
    return object;
}

namespace {

using Run = std::function<Result<std::vector<Tensor>>(std::vector<Tensor>)>;

// Feeds the values part by part, and puts the results together.
Result<std::vector<Tensor>> runParts(const std::vector<model::ValueInfo>& infos, std::vector<Tensor> inputs,
                                     const Run& run, qint64& runs)
{
    runs = 1;
    if (inputs.size() != infos.size())
        return run(std::move(inputs));
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        EMBER_TRY(inputs[i], fitted(std::move(inputs[i]), infos[i]));
    }
    runs = batchesIn(infos, inputs);
    if (runs == 1)
        return run(std::move(inputs));
    std::vector<std::vector<Tensor>> parts;
    for (qint64 b = 0; b < runs; ++b) {
        std::vector<Tensor> values;
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            EMBER_TRY(Tensor value, part(inputs[i], b, runs, infos[i].shape));
            values.push_back(std::move(value));
        }
        EMBER_TRY(std::vector<Tensor> results, run(std::move(values)));
        parts.resize(results.size());
        for (std::size_t i = 0; i < results.size(); ++i)
            parts[i].push_back(std::move(results[i]));
    }
    std::vector<Tensor> whole;
    for (const std::vector<Tensor>& of : parts) {
        EMBER_TRY(Tensor value, together(of));
        whole.push_back(std::move(value));
    }
    return whole;
}

// Names of columns: no field is a number.
bool isHeader(const QByteArray& line)
{
    const QList<QByteArray> fields = line.split(',');
    return std::none_of(fields.begin(), fields.end(), [](const QByteArray& field) {
        bool isNumber = false;
        (void)field.trimmed().toDouble(&isNumber);
        return isNumber;
    });
}

// The standard input as rows of numbers or an array; what is longer than any of ours is refused.
Result<Tensor> readFrames(QFile& from, const QString& name)
{
    constexpr qint64 kMaxBytes = 256'000'000;
    const QByteArray bytes = from.read(kMaxBytes + 1);
    if (bytes.size() > kMaxBytes)
        return Error(ErrorKind::Unsupported,
                     QStringLiteral("%1 has more than %2 MB.").arg(name).arg(kMaxBytes / 1'000'000),
                     QStringLiteral("Feed it in parts."));
    if (bytes.startsWith("\x93NUMPY")) {
        EMBER_TRY(const NpyArray array, signal::parseNpy(bytes));
        return tensorOf(array);
    }
    std::vector<double> numbers;
    qint64 rows = 0;
    std::size_t width = 0;
    for (const QByteArray& line : bytes.split('\n')) {
        const QByteArray text = line.trimmed();
        if (text.isEmpty() || text.startsWith('#') || (rows == 0 && isHeader(text)))
            continue;
        const std::size_t before = numbers.size();
        for (const QByteArray& field : text.split(',')) {
            bool ok = false;
            numbers.push_back(field.trimmed().toDouble(&ok));
            if (!ok)
                return Error(ErrorKind::BadData,
                             QStringLiteral("Row %1 of %2 has '%3', which is no number.")
                                 .arg(rows + 1)
                                 .arg(name, QString::fromUtf8(field.trimmed().left(40))),
                             QStringLiteral("Give numbers with commas between them, a line for each frame, or an "
                                            "array as NumPy saves it."));
        }
        width = rows++ == 0 ? numbers.size() : width;
        if (numbers.size() - before != width)
            return Error(ErrorKind::BadData, QStringLiteral("Row %1 of %2 has %3 numbers, the first has %4.")
                                                 .arg(rows)
                                                 .arg(name)
                                                 .arg(numbers.size() - before)
                                                 .arg(width));
    }
    if (rows == 0)
        return Error(ErrorKind::BadData, QStringLiteral("%1 has no rows.").arg(name));
    return Tensor::of(numbers, {rows, static_cast<qint64>(width)});
}

Result<Tensor> readInput(const QString& path)
{
    QFile file(path);
    if (path == QLatin1String("-")) {
        if (!file.open(stdin, QIODevice::ReadOnly))
            return Error(ErrorKind::Io, QStringLiteral("The standard input cannot be read."));
        return readFrames(file, QStringLiteral("the standard input"));
    }
    if (path.endsWith(QStringLiteral(".csv"), Qt::CaseInsensitive)) {
        if (!file.open(QIODevice::ReadOnly))
            return Error(ErrorKind::Io, QStringLiteral("'%1' cannot be read: %2.").arg(path, file.errorString()));
        return readFrames(file, QStringLiteral("'%1'").arg(path));
    }
    EMBER_TRY(const NpyArray array, signal::readNpy(path));
    return tensorOf(array);
}

} // namespace

Result<std::vector<Tensor>> runInBatches(const model::Interpreter& interpreter, std::vector<Tensor> inputs,
                                         model::RequantiseRounding rounding, qint64* runs)
{
    qint64 count = 1;
    const auto run = [&](std::vector<Tensor> values) { return interpreter.run(std::move(values), rounding); };
    auto results = runParts(interpreter.model().graph.inputs, std::move(inputs), run, count);
    if (runs)
        *runs = count;
    return results;
}

Result<std::vector<Tensor>> runFrames(const model::Interpreter& interpreter, std::vector<Tensor> inputs,
                                      model::RequantiseRounding rounding, qint64 resetEvery, qint64& runs)
{
    std::vector<model::ValueInfo> infos = interpreter.model().graph.inputs;
    for (model::ValueInfo& info : infos) {
        if (!info.shape.empty() && info.shape[0] < 0)
            info.shape[0] = 1;
    }
    EMBER_TRY(model::Interpreter::State state, interpreter.initialState());
    qint64 frame = 0;
    const auto run = [&](std::vector<Tensor> values) -> Result<std::vector<Tensor>> {
        if (frame > 0 && resetEvery > 0 && frame % resetEvery == 0) {
            EMBER_TRY(state, interpreter.initialState());
        }
        ++frame;
        return interpreter.run(std::move(values), rounding, &state);
    };
    return runParts(infos, std::move(inputs), run, runs);
}

Result<RunModelOutcome> runModel(const RunModelRequest& request)
{
    EMBER_TRY(model::Model loaded, model::loadModel(request.model));
    EMBER_TRY(const model::Interpreter interpreter, model::Interpreter::create(std::move(loaded)));
    std::vector<Tensor> inputs;
    if (request.inputs.count(QStringLiteral("-")) > 1)
        return Error(ErrorKind::Usage, QStringLiteral("Only one input can come from the standard input."));
    for (const QString& path : request.inputs) {
        EMBER_TRY(Tensor value, readInput(path));
        inputs.push_back(std::move(value));
    }
    RunModelOutcome outcome;
    outcome.states = static_cast<qint64>(interpreter.model().graph.states.size());
    if (outcome.states == 0 && request.resetEvery > 0)
        return Error(ErrorKind::Usage, QStringLiteral("This model keeps nothing from one run to the next."),
                     QStringLiteral("Leave out --reset-every."));
    QElapsedTimer timer;
    timer.start();
    EMBER_TRY(std::vector<Tensor> results,
              outcome.states > 0
                  ? runFrames(interpreter, std::move(inputs), request.rounding, request.resetEvery, outcome.runs)
                  : runInBatches(interpreter, std::move(inputs), request.rounding, &outcome.runs));
    outcome.resets = outcome.states > 0 && request.resetEvery > 0 ? (outcome.runs - 1) / request.resetEvery : 0;
    outcome.seconds = static_cast<double>(timer.nsecsElapsed()) / 1e9;
    if (!QDir().mkpath(request.outputDirectory))
        return Error(ErrorKind::Io, QStringLiteral("The folder '%1' cannot be made.").arg(request.outputDirectory));
    QStringList taken;
    for (std::size_t i = 0; i < results.size(); ++i) {
        results[i] = labelsAsNumbers(interpreter.model(), std::move(results[i]));
        const QString name = QString::fromStdString(interpreter.model().graph.outputs[i].name);
        QString file = fileNameFor(name, i);
        if (taken.contains(file))
            file += QStringLiteral("_%1").arg(i);
        taken << file;
        const bool text = results[i].type() == TensorType::String;
        const QString path =
            QDir(request.outputDirectory).filePath(file + (text ? QStringLiteral(".txt") : QStringLiteral(".npy")));
        if (text) {
            EMBER_CHECK(writeLines(path, results[i].strings()));
        } else {
            EMBER_TRY(const NpyArray array, npyOf(results[i]));
            EMBER_CHECK(signal::writeNpy(path, array));
        }
        outcome.outputs.push_back({name, path, results[i].shape(), model::tensorTypeName(results[i].type())});
    }
    return outcome;
}

} // namespace ember::workflow
