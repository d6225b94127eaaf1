// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/signal/npy.h"
#include "core/workflow/model_run.h"
#include "tests/conformance/case.h"
#include "tests/conformance/tensor_proto.h"

#include <QCryptographicHash>
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>

#include <algorithm>
#include <cmath>

namespace ember::conformance {
namespace {

using model::Tensor;
using model::TensorType;

// What the standard's own test runner allows.
constexpr Tolerance kNodeTolerance{1e-7, 1e-3, false};

Result<QByteArray> contents(const QString& path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Error(ErrorKind::Io, QStringLiteral("'%1' cannot be read: %2.").arg(path, file.errorString()));
    return file.readAll();
}

// NumPy texts of fixed length: UTF-32, padded with zeros.
Result<Tensor> readTexts(const QByteArray& bytes, qint64 length)
{
    const qsizetype header = 10 + static_cast<quint8>(bytes[8]) + 256 * static_cast<quint8>(bytes[9]);
    std::vector<std::string> texts;
    for (qsizetype at = header; length > 0 && at + 4 * length <= bytes.size(); at += 4 * length) {
        std::u32string text(static_cast<std::size_t>(length), U'\0');
        std::memcpy(text.data(), bytes.constData() + at, static_cast<std::size_t>(4 * length));
        texts.push_back(QString::fromStdU32String(text.substr(0, text.find(U'\0'))).toStdString());
    }
    const auto count = static_cast<qint64>(texts.size());
    return Tensor::ofStrings(std::move(texts), {count});
}

Result<Tensor> readArray(const QString& path)
{
    EMBER_TRY(const QByteArray bytes, contents(path));
    const auto texts =
        QRegularExpression(QStringLiteral("'descr': '<U(\\d+)'")).match(QString::fromLatin1(bytes.left(200)));
    if (texts.hasMatch())
        return readTexts(bytes, texts.captured(1).toLongLong());
    EMBER_TRY(const signal::NpyArray array, signal::readNpy(path));
    return workflow::tensorOf(array);
}

QStringList sorted(const QDir& dir, const QString& pattern)
{
    return dir.entryList({pattern}, QDir::Files, QDir::Name);
}

// input_0.pb, input_1.pb, ... in the order of their numbers.
Result<std::vector<NamedTensor>> readProtos(const QDir& dir, const QString& prefix)
{
    std::vector<NamedTensor> tensors;
    for (int i = 0; dir.exists(QStringLiteral("%1_%2.pb").arg(prefix).arg(i)); ++i) {
        EMBER_TRY(const QByteArray bytes, contents(dir.filePath(QStringLiteral("%1_%2.pb").arg(prefix).arg(i))));
        EMBER_TRY(NamedTensor tensor, readTensorProto(bytes));
        tensors.push_back(std::move(tensor));
    }
    return tensors;
}

Result<std::vector<Sample>> readDataSets(const QString& folder)
{
    std::vector<Sample> samples;
    const QDir dir(folder);
    for (const QString& set : dir.entryList({QStringLiteral("test_data_set_*")}, QDir::Dirs, QDir::Name)) {
        const QDir data(dir.filePath(set));
        Sample sample;
        EMBER_TRY(sample.inputs, readProtos(data, QStringLiteral("input")));
        EMBER_TRY(sample.outputs, readProtos(data, QStringLiteral("output")));
        // Names are those of the values, which an importer may change at the outputs: they go by position.
        for (NamedTensor& output : sample.outputs)
            output.name.clear();
        samples.push_back(std::move(sample));
    }
    return samples;
}

Case nodeCase(const QString& folder)
{
    return {folder, folder + QStringLiteral("/model.onnx"), kNodeTolerance, false,
            [folder] { return readDataSets(folder); }};
}

// "input.npy", "input_NAME.npy"; "expected.npy", "expected_0.npy".
Case arrayCase(const QString& folder)
{
    Tolerance tolerance{1.5e-5, 1e-5, true};
    const QRegularExpressionMatch decimals = QRegularExpression(QStringLiteral("-Dec(\\d)")).match(folder);
    if (decimals.hasMatch())
        tolerance.absolute = 1.5 * std::pow(10.0, -decimals.captured(1).toInt());
    const auto read = [folder]() -> Result<std::vector<Sample>> {
        const QDir dir(folder);
        Sample sample;
        for (const QString& file : sorted(dir, QStringLiteral("input*.npy"))) {
            EMBER_TRY(Tensor value, readArray(dir.filePath(file)));
            const QString name = file.startsWith(QStringLiteral("input_")) ? file.mid(6).chopped(4) : QString();
            sample.inputs.push_back({name, std::move(value)});
        }
        // Where only the scores are recorded, the labels before them are left out.
        if (!dir.exists(QStringLiteral("expected_0.npy")) && dir.exists(QStringLiteral("expected_1.npy")))
            sample.firstOutput = 1;
        for (const QString& file : sorted(dir, QStringLiteral("expected*.npy"))) {
            EMBER_TRY(Tensor value, readArray(dir.filePath(file)));
            sample.outputs.push_back({{}, std::move(value)});
        }
        return std::vector<Sample>{std::move(sample)};
    };
    return {folder, folder + QStringLiteral("/model.onnx"), tolerance, folder.contains(QStringLiteral("OneOff")), read};
}

// Arrays are named as the inputs and outputs of the graph; which is which only the model says.
Case npzCase(const QString& folder, const QString& model)
{
    const auto read = [folder]() -> Result<std::vector<Sample>> {
        EMBER_TRY(std::vector<NamedTensor> arrays, readNpz(folder + QStringLiteral("/io.npz")));
        Sample sample;
        for (NamedTensor& array : arrays) {
            const bool input = array.name == QStringLiteral("input") || array.name == QStringLiteral("x");
            if (input)
                array.name.clear();
            else if (array.name != QStringLiteral("probabilities"))
                array.name.clear();
            (input ? sample.inputs : sample.outputs).push_back(std::move(array));
        }
        return std::vector<Sample>{std::move(sample)};
    };
    return {folder, model, {1e-6, 1e-4, true}, false, read};
}

// NAME.onnx with NAME.*_input.npy, NAME.*_expected_label.npy and NAME.*_expected_probabilities.npy.
Case labelledCase(const QDir& dir, const QString& model)
{
    const QString base = dir.filePath(model.chopped(5));
    const auto read = [dir, model]() -> Result<std::vector<Sample>> {
        const QString stem = model.chopped(5);
        Sample sample;
        for (const QString& file : sorted(dir, stem + QStringLiteral(".*_input.npy"))) {
            EMBER_TRY(Tensor value, readArray(dir.filePath(file)));
            sample.inputs.push_back({{}, std::move(value)});
        }
        for (const char* part : {".*_expected_label.npy", ".*_expected_probabilities.npy"}) {
            for (const QString& file : sorted(dir, stem + QLatin1String(part))) {
                EMBER_TRY(Tensor value, readArray(dir.filePath(file)));
                sample.outputs.push_back({{}, std::move(value)});
            }
        }
        return std::vector<Sample>{std::move(sample)};
    };
    return {base, dir.filePath(model), {1e-5, 1e-5, true}, false, read};
}

// One model, one array of rows, one of results.
Case rowsCase(const QDir& dir, const QString& model)
{
    const auto read = [dir]() -> Result<std::vector<Sample>> {
        Sample sample;
        EMBER_TRY(Tensor input, readArray(dir.filePath(sorted(dir, QStringLiteral("*representative.npy")).value(0))));
        EMBER_TRY(Tensor output, readArray(dir.filePath(QStringLiteral("expected_output.npy"))));
        sample.inputs.push_back({{}, std::move(input)});
        sample.outputs.push_back({{}, std::move(output)});
        return std::vector<Sample>{std::move(sample)};
    };
    return {dir.filePath(model), dir.filePath(model), {1e-5, 0, true}, false, read};
}

std::vector<Case> goldenList(const QDir& dir)
{
    std::vector<Case> cases;
    const auto bytes = contents(dir.filePath(QStringLiteral("golden.json")));
    if (!bytes)
        return cases;
    for (const QJsonValue& entry : QJsonDocument::fromJson(*bytes).array()) {
        const QString name = entry[QStringLiteral("model")].toString();
        const QString input = dir.filePath(entry[QStringLiteral("input")].toString());
        const QString output = dir.filePath(entry[QStringLiteral("output")].toString());
        const auto read = [input, output]() -> Result<std::vector<Sample>> {
            EMBER_TRY(Tensor x, readArray(input));
            EMBER_TRY(Tensor y, readArray(output));
            Sample sample;
            sample.inputs.push_back({{}, std::move(x)});
            sample.outputs.push_back({{}, std::move(y)});
            return std::vector<Sample>{std::move(sample)};
        };
        QString model = dir.filePath(name);
        if (!QFile::exists(model))
            model = dir.filePath(QStringLiteral("../") + name);
        // Arm NN computes integer layers in reals and rounds each result once; so did those who used NumPy.
        const QString by = entry[QStringLiteral("computed_by")].toString();
        const bool reals = by.contains(QStringLiteral("Arm NN")) || by.contains(QStringLiteral("per layer"));
        cases.push_back({input,
                         model,
                         {entry[QStringLiteral("tolerance_abs")].toDouble(), 0, false},
                         false,
                         read,
                         reals ? model::RequantiseRounding::Nearest : model::RequantiseRounding::Double});
    }
    return cases;
}

QString modelWithHash(const QDir& dir, const QString& sha256)
{
    for (const QString& place : {QStringLiteral("."), QStringLiteral("..")}) {
        const QDir models(dir.filePath(place));
        for (const QString& file : sorted(models, QStringLiteral("*.tflite"))) {
            const auto bytes = contents(models.filePath(file));
            if (bytes && QCryptographicHash::hash(*bytes, QCryptographicHash::Sha256).toHex() == sha256.toLatin1())
                return models.filePath(file);
        }
    }
    return {};
}

// Vector v: x = ((i * (37 + 12 v) + 11 + 29 v) & 255) - 128, from v = 4 on shifted right by 2.
Result<std::vector<Sample>> formulaSamples(const QJsonObject& golden)
{
    std::vector<Sample> samples;
    const qint64 count = golden[QStringLiteral("input_bytes")].toInt();
    const QJsonArray vectors = golden[QStringLiteral("vectors_output_int8")].toArray();
    for (int v = 0; v < vectors.size(); ++v) {
        std::vector<qint8> input;
        for (qint64 i = 0; i < count; ++i) {
            const auto x = static_cast<int>(((i * (37 + 12 * v) + 11 + 29 * v) & 255) - 128);
            input.push_back(static_cast<qint8>(v >= 4 ? x >> 2 : x));
        }
        std::vector<qint8> output;
        for (const QJsonValue& value : vectors[v].toArray())
            output.push_back(static_cast<qint8>(value.toInt()));
        Sample sample;
        sample.inputs.push_back({{}, Tensor::of(input, {count})});
        sample.outputs.push_back({{}, Tensor::of(output, {static_cast<qint64>(output.size())})});
        samples.push_back(std::move(sample));
    }
    return samples;
}

bool addFormulaCase(const QDir& dir, const QString& file, std::vector<Case>& cases)
{
    const auto bytes = contents(dir.filePath(file));
    const QJsonObject golden = bytes ? QJsonDocument::fromJson(*bytes).object() : QJsonObject();
    if (!golden.contains(QStringLiteral("vectors_output_int8")))
        return false;
    const QString model = modelWithHash(dir, golden[QStringLiteral("sha256")].toString());
    cases.push_back({dir.filePath(file), model, {0, 0, true}, false, [golden] { return formulaSamples(golden); }});
    return true;
}

// Comma separated whole numbers; the run converts them to the type of the input.
Result<Tensor> readWholeNumbers(const QString& path)
{
    EMBER_TRY(const QByteArray bytes, contents(path));
    std::vector<qint64> values;
    for (const QByteArray& field : bytes.simplified().replace(' ', "").split(',')) {
        if (!field.isEmpty())
            values.push_back(field.toLongLong());
    }
    const auto count = static_cast<qint64>(values.size());
    return Tensor::of(values, {count});
}

Case csvCase(const QDir& dir, const QString& model)
{
    const auto read = [dir, model]() -> Result<std::vector<Sample>> {
        const QString stem = model.chopped(7);
        Sample sample;
        for (int i = 0;; ++i) {
            const QString file = sorted(dir, QStringLiteral("%1_input%2_int*.csv").arg(stem).arg(i)).value(0);
            if (file.isEmpty())
                break;
            EMBER_TRY(Tensor value, readWholeNumbers(dir.filePath(file)));
            sample.inputs.push_back({{}, std::move(value)});
        }
        EMBER_TRY(Tensor golden, readWholeNumbers(dir.filePath(stem + QStringLiteral("_golden_int16.csv"))));
        sample.outputs.push_back({{}, std::move(golden)});
        return std::vector<Sample>{std::move(sample)};
    };
    return {dir.filePath(model), dir.filePath(model), {0, 0, true}, false, read};
}

void addCasesOf(const QString& folder, std::vector<Case>& cases)
{
    const QDir dir(folder);
    for (const Case& golden : goldenList(dir))
        cases.push_back(golden);
    for (const QString& file : sorted(dir, QStringLiteral("*.json")))
        addFormulaCase(dir, file, cases);
    for (const QString& model : sorted(dir, QStringLiteral("*.tflite"))) {
        if (dir.exists(model.chopped(7) + QStringLiteral("_golden_int16.csv")))
            cases.push_back(csvCase(dir, model));
    }
    for (const QString& model : sorted(dir, QStringLiteral("*.onnx"))) {
        const QString stem = model.chopped(5);
        if (model == QStringLiteral("model.onnx") && dir.exists(QStringLiteral("test_data_set_0")))
            cases.push_back(nodeCase(folder));
        else if (dir.exists(QStringLiteral("io.npz")))
            cases.push_back(npzCase(folder, dir.filePath(model)));
        else if (model == QStringLiteral("model.onnx") && !sorted(dir, QStringLiteral("expected*.npy")).isEmpty())
            cases.push_back(arrayCase(folder));
        else if (!sorted(dir, stem + QStringLiteral(".*_input.npy")).isEmpty())
            cases.push_back(labelledCase(dir, model));
        else if (dir.exists(QStringLiteral("expected_output.npy")))
            cases.push_back(rowsCase(dir, model));
    }
}

} // namespace

std::vector<Case> findCases(const QString& folder)
{
    QStringList folders{QDir(folder).absolutePath()};
    QDirIterator walk(folder, QDir::Dirs | QDir::NoDotAndDotDot, QDirIterator::Subdirectories);
    while (walk.hasNext())
        folders << QDir(walk.next()).absolutePath();
    folders.sort();
    std::vector<Case> cases;
    for (const QString& each : folders)
        addCasesOf(each, cases);
    return cases;
}

} // namespace ember::conformance
