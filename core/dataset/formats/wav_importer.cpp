// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/formats/wav_importer.h"

#include "core/dataset/text_file.h"
#include "core/signal/json.h"

#include <QFile>
#include <QFileInfo>

#include <algorithm>
#include <memory>
#include <sndfile.h>

namespace ember::dataset {
namespace {

constexpr sf_count_t kChunkRows = 64 * 1024;
constexpr qint64 kMaxSampleBytes = qint64{2} << 30;
constexpr double kFullScale = 32768.0;

struct CloseSound
{
    void operator()(SNDFILE* sound) const { sf_close(sound); }
};
using Sound = std::unique_ptr<SNDFILE, CloseSound>;

signal::StreamSpec streamOf(const SF_INFO& info, const QString& name)
{
    const bool whole = (info.format & SF_FORMAT_SUBMASK) == SF_FORMAT_PCM_16;
    signal::StreamSpec stream;
    stream.name = name;
    stream.type = whole ? signal::SampleType::Int16 : signal::SampleType::Float32;
    stream.rateHz = info.samplerate;
    for (int channel = 0; channel < info.channels; ++channel) {
        const QString channelName =
            info.channels == 1 ? QStringLiteral("audio") : QStringLiteral("audio%1").arg(channel);
        stream.channels.push_back({channelName, {}, whole ? 1.0 / kFullScale : 1.0, 0.0});
    }
    return stream;
}

/// Reads what is there, chunk by chunk: the header's own count is only a claim.
template <typename T, typename Read>
Result<QByteArray> readAll(SNDFILE* sound, const SF_INFO& info, const QString& path, const CancelToken& cancel,
                           Read read)
{
    QByteArray bytes;
    std::vector<T> chunk(static_cast<std::size_t>(kChunkRows * info.channels));
    for (;;) {
        if (cancel.isCancelled())
            return Error(ErrorKind::Cancelled, QStringLiteral("Reading '%1' was cancelled.").arg(path));
        const sf_count_t rows = read(sound, chunk.data(), kChunkRows);
        if (rows <= 0)
            return bytes;
        const auto more = static_cast<qsizetype>(static_cast<std::size_t>(rows * info.channels) * sizeof(T));
        if (bytes.size() + more > kMaxSampleBytes)
            return Error(ErrorKind::Unsupported, QStringLiteral("'%1' holds more than 2 GB of samples.").arg(path),
                         QStringLiteral("Cut it into several files."));
        bytes.append(reinterpret_cast<const char*>(chunk.data()), more);
    }
}

} // namespace

Importer::Detection WavImporter::detect(const QString&, const QByteArray& head) const
{
    const bool riff = (head.startsWith("RIFF") || head.startsWith("RF64")) && head.mid(8, 4) == "WAVE";
    if (riff)
        return {100, QStringLiteral("it begins with the mark of a WAV file")};
    if (head.startsWith("FORM") && head.mid(8, 3) == "AIF")
        return {100, QStringLiteral("it begins with the mark of an AIFF file")};
    if (head.startsWith("fLaC"))
        return {100, QStringLiteral("it begins with the mark of a FLAC file")};
    return {};
}

Result<ImportedFile> WavImporter::read(const QString& path, const ImportOptions&, const CancelToken& cancel) const
{
    EMBER_TRY(const QByteArray head, detail::readHead(path, 16)); // says what is wrong with the file itself
    SF_INFO info{};
    const Sound sound(sf_open(QFile::encodeName(path).constData(), SFM_READ, &info));
    if (!sound)
        return Error(
            ErrorKind::BadData,
            QStringLiteral("'%1' cannot be read as audio: %2").arg(path, QString::fromUtf8(sf_strerror(nullptr))),
            QStringLiteral("Save it as PCM WAV."));
    if (info.channels < 1 || info.channels > signal::kMaxStreamChannels || info.samplerate < 1)
        return Error(ErrorKind::BadData, QStringLiteral("'%1' has %2 channels at %3 Hz, which is no recording.")
                                             .arg(path)
                                             .arg(info.channels)
                                             .arg(info.samplerate));
    ImportedFile file;
    ImportedRecording recording;
    recording.about.name = QFileInfo(path).completeBaseName();
    recording.about.metadata.insert(QStringLiteral("source"), QFileInfo(path).fileName());
    recording.about.stream = streamOf(info, recording.about.name);
    recording.measuredRateHz = info.samplerate;
    const bool whole = recording.about.stream.type == signal::SampleType::Int16;
    EMBER_TRY(QByteArray bytes, whole ? readAll<short>(sound.get(), info, path, cancel, sf_readf_short)
                                      : readAll<float>(sound.get(), info, path, cancel, sf_readf_float));
    const auto rowBytes = static_cast<qint64>(recording.about.stream.bytesPerRow());
    signal::SampleBlock block;
    block.rowCount = bytes.size() / rowBytes;
    block.rows = std::move(bytes);
    if (block.rowCount == 0)
        return Error(ErrorKind::BadData, QStringLiteral("'%1' holds no samples.").arg(path));
    if (block.rowCount < info.frames)
        file.warnings << QStringLiteral("The file was cut off: %1 of %2 samples are missing at its end.")
                             .arg(info.frames - block.rowCount)
                             .arg(info.frames);
    recording.blocks.push_back(std::move(block));
    file.recordings.push_back(std::move(recording));
    return file;
}

} // namespace ember::dataset
