// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/npy_importer.h"

#include "core/signal/json.h"
#include "core/signal/npy.h"

#include <QFileInfo>

#include <algorithm>

namespace ember::dataset {
namespace {

using signal::NpyArray;
using signal::NpyType;
using signal::SampleType;

/// Samples in a type of ours, with a note where that is not the file's own.
struct Samples
{
    SampleType type = SampleType::Float32;
    QByteArray bytes;
    QStringList notes;
};

template <typename T>
QByteArray bytesOf(const std::vector<T>& values)
{
    return QByteArray(reinterpret_cast<const char*>(values.data()), static_cast<qsizetype>(values.size() * sizeof(T)));
}

Samples asFloat(const NpyArray& array)
{
    Samples out{SampleType::Float32, bytesOf(array.toFloat()), {}};
    if (array.type != NpyType::Float16)
        out.notes << QStringLiteral("Values of type %1 are stored as float32.").arg(npyTypeName(array.type));
    return out;
}

Samples toSamples(const NpyArray& array)
{
    switch (array.type) {
    case NpyType::Int8:
    case NpyType::Bool:
        return {SampleType::Int8, array.data, {}};
    case NpyType::Int16:
        return {SampleType::Int16, array.data, {}};
    case NpyType::Int32:
        return {SampleType::Int32, array.data, {}};
    case NpyType::Float32:
        return {SampleType::Float32, array.data, {}};
    case NpyType::Float16:
    case NpyType::Float64:
        return asFloat(array);
    default:
        break;
    }
    const auto whole = array.toInt32();
    return whole ? Samples{SampleType::Int32, bytesOf(*whole), {}} : asFloat(array);
}

} // namespace

Importer::Detection NpyImporter::detect(const QString&, const QByteArray& head) const
{
    if (!head.startsWith("\x93NUMPY"))
        return {};
    return {100, QStringLiteral("it begins with NumPy's mark")};
}

Result<ImportedFile> NpyImporter::read(const QString& path, const ImportOptions& options,
                                       const CancelToken& cancel) const
{
    qint64 missing = 0;
    EMBER_TRY(const NpyArray array, signal::readNpyRows(path, missing));
    if (cancel.isCancelled())
        return Error(ErrorKind::Cancelled, QStringLiteral("Reading '%1' was cancelled.").arg(path));
    const std::size_t dimensions = array.shape.size();
    const qint64 channels = dimensions == 2 ? array.shape[1] : 1;
    if (dimensions < 1 || dimensions > 2 || channels < 1 || channels > signal::kMaxStreamChannels)
        return Error(
            ErrorKind::Unsupported,
            QStringLiteral("The array in '%1' is not a recording: it has %2 dimensions and %3 columns.")
                .arg(path)
                .arg(dimensions)
                .arg(channels),
            QStringLiteral("Save it as (rows, channels), with at most %1 channels.").arg(signal::kMaxStreamChannels));
    if (array.size() == 0)
        return Error(ErrorKind::BadData, QStringLiteral("The array in '%1' is empty.").arg(path));
    Samples samples = toSamples(array);

    ImportedFile file;
    file.warnings = samples.notes;
    if (missing > 0)
        file.warnings << QStringLiteral("The file was cut off: %1 of %2 rows are missing at its end.")
                             .arg(missing)
                             .arg(array.shape[0] + missing);
    ImportedRecording recording;
    recording.about.name = QFileInfo(path).completeBaseName();
    recording.about.metadata.insert(QStringLiteral("source"), QFileInfo(path).fileName());
    recording.about.stream.name = recording.about.name;
    recording.about.stream.type = samples.type;
    recording.about.stream.rateHz = options.rateHz;
    for (qint64 channel = 0; channel < channels; ++channel)
        recording.about.stream.channels.push_back({QStringLiteral("ch%1").arg(channel), {}, 1.0, 0.0});
    if (options.rateHz <= 0)
        file.warnings << QStringLiteral("An array does not tell its rate; give it as an option.");
    signal::SampleBlock block;
    block.rowCount = array.shape[0];
    block.rows = std::move(samples.bytes);
    recording.blocks.push_back(std::move(block));
    file.recordings.push_back(std::move(recording));
    return file;
}

} // namespace ember::dataset
