// SPDX-License-Identifier: GPL-3.0-or-later
// Formats whose samples are arrays: NumPy, WAV.
#include "core/dataset/csv.h"
#include "core/dataset/formats/exporters.h"
#include "core/dataset/formats/label_track.h"
#include "core/signal/npy.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <sndfile.h>

namespace ember::dataset::detail {
namespace {

/// `name.npy`, float32 rows x channels in physical units, and `index.csv`: a line per segment with its recording.
class NpyExporter : public Exporter
{
public:
    Status add(const ExportedRecording& recording, ExportFolder& folder, QStringList& warnings) override
    {
        const signal::StreamSpec& stream = recording.about.stream;
        const auto channels = static_cast<qint64>(stream.channels.size());
        for (const GaplessPart& part : gaplessParts(recording, warnings)) {
            const QString name = part.fileName + QStringLiteral(".npy");
            EMBER_CHECK(folder.write(name, signal::npyBytes(signal::NpyArray::of(
                                               std::span<const float>(part.run->values), {part.rows, channels}))));
            const QByteArray begin = csvField(name) + ',' + csvField(recording.about.group.name) + ',' +
                                     QByteArray::number(stream.rateHz, 'g', 15) + ',' +
                                     QByteArray::number(part.run->firstRow) + ',';
            if (part.segments.empty())
                m_index += begin + ",,\n";
            for (const ExportedRecording::LabelledRows& segment : part.segments)
                m_index += begin + QByteArray::number(segment.begin) + ',' + QByteArray::number(segment.end) + ',' +
                           csvField(segment.label) + '\n';
        }
        return {};
    }

    Status finish(ExportFolder& folder) override
    {
        return folder.write(QStringLiteral("index.csv"), "file,group,rate_hz,first_row,begin,end,label\n" + m_index);
    }

private:
    QByteArray m_index;
};

/// A file in memory for libsndfile.
struct MemoryFile
{
    QByteArray bytes;
    sf_count_t at = 0;
};

SF_VIRTUAL_IO memoryFunctions()
{
    SF_VIRTUAL_IO io{};
    io.get_filelen = [](void* data) { return static_cast<sf_count_t>(static_cast<MemoryFile*>(data)->bytes.size()); };
    io.seek = [](sf_count_t offset, int whence, void* data) {
        auto* file = static_cast<MemoryFile*>(data);
        const sf_count_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? file->at : file->bytes.size();
        return file->at = base + offset;
    };
    io.read = [](void* to, sf_count_t count, void* data) {
        auto* file = static_cast<MemoryFile*>(data);
        const sf_count_t got = std::clamp<sf_count_t>(file->bytes.size() - file->at, 0, count);
        std::memcpy(to, file->bytes.constData() + file->at, static_cast<std::size_t>(got));
        file->at += got;
        return got;
    };
    io.write = [](const void* from, sf_count_t count, void* data) {
        auto* file = static_cast<MemoryFile*>(data);
        if (file->bytes.size() < file->at + count)
            file->bytes.resize(file->at + count);
        std::memcpy(file->bytes.data() + file->at, from, static_cast<std::size_t>(count));
        file->at += count;
        return count;
    };
    io.tell = [](void* data) { return static_cast<MemoryFile*>(data)->at; };
    return io;
}

Result<QByteArray> wavBytes(const signal::StreamSpec& stream, const GaplessPart& part)
{
    const bool whole = stream.type == signal::SampleType::Int16;
    SF_INFO info{};
    info.samplerate = static_cast<int>(std::lround(stream.rateHz));
    info.channels = static_cast<int>(stream.channels.size());
    info.format = SF_FORMAT_WAV | (whole ? SF_FORMAT_PCM_16 : SF_FORMAT_FLOAT);
    SF_VIRTUAL_IO io = memoryFunctions();
    MemoryFile file;
    std::unique_ptr<SNDFILE, int (*)(SNDFILE*)> sound(sf_open_virtual(&io, SFM_WRITE, &info, &file), sf_close);
    if (!sound)
        return Error(ErrorKind::Unsupported, QStringLiteral("A WAV file of %1 channels at %2 Hz cannot be written: %3")
                                                 .arg(info.channels)
                                                 .arg(info.samplerate)
                                                 .arg(QString::fromUtf8(sf_strerror(nullptr))));
    const sf_count_t written =
        whole ? sf_writef_short(sound.get(), reinterpret_cast<const short*>(part.run->raw.constData()), part.rows)
              : sf_writef_float(sound.get(), part.run->values.data(), part.rows);
    sound.reset(); // completes the header
    if (written != part.rows)
        return Error(ErrorKind::Failed, QStringLiteral("'%1' could not be written as WAV.").arg(part.fileName));
    return file.bytes;
}

/// One WAV per stretch without a gap: 16-bit streams as they are, others as float. Labels as an Audacity track.
class WavExporter : public Exporter
{
public:
    Status add(const ExportedRecording& recording, ExportFolder& folder, QStringList& warnings) override
    {
        const signal::StreamSpec& stream = recording.about.stream;
        if (stream.rateHz < 1)
            return Error(
                ErrorKind::Usage,
                QStringLiteral("'%1' has no rate of at least 1 Hz, which WAV needs.").arg(recording.about.name));
        if (stream.rateHz != std::round(stream.rateHz))
            warnings << QStringLiteral("'%1': the rate %2 Hz became %3 Hz.")
                            .arg(recording.about.name)
                            .arg(stream.rateHz)
                            .arg(std::lround(stream.rateHz));
        for (const GaplessPart& part : gaplessParts(recording, warnings)) {
            EMBER_TRY(const QByteArray bytes, wavBytes(stream, part));
            EMBER_CHECK(folder.write(part.fileName + QStringLiteral(".wav"), bytes));
            if (part.segments.empty())
                continue;
            // In the time of the file as it is played, so that the labels stay where they were.
            const double rate = std::round(stream.rateHz);
            std::vector<TimedLabel> labels;
            for (const ExportedRecording::LabelledRows& segment : part.segments)
                labels.push_back({segment.label, static_cast<double>(segment.begin) / rate,
                                  static_cast<double>(segment.end) / rate});
            EMBER_CHECK(folder.write(part.fileName + QStringLiteral(".labels.txt"), writeAudacityLabels(labels)));
        }
        return {};
    }

    Status finish(ExportFolder&) override { return {}; }
};

} // namespace

std::unique_ptr<Exporter> makeNpyExporter(const ExportOptions&)
{
    return std::make_unique<NpyExporter>();
}

std::unique_ptr<Exporter> makeWavExporter(const ExportOptions&)
{
    return std::make_unique<WavExporter>();
}

} // namespace ember::dataset::detail
