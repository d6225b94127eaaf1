// SPDX-License-Identifier: GPL-3.0-or-later
// One format under libFuzzer. The input is an opening, which the format surveys, and then the stream: what the survey
// makes of it, or failing that of a good opening, decodes the whole input in chunks. Checked besides the sanitizers'
// rules: rows are whole and in order, every byte is counted, and chunks do not matter.
#include "core/formats/format.h"
#include "tests/support/foreign_streams.h"

#include <cstdint>
#include <cstdlib>

using namespace ember;
using namespace ember::formats;

namespace {

void require(bool holds)
{
    if (!holds)
        std::abort();
}

struct Checker final : Sink
{
    std::size_t rowBytes = 0;
    qint64 next = 0;
    qint64 rows = 0;
    quint64 hash = 1469598103934665603ULL; // FNV-1a of all rows, whatever the blocks

    void onRows(Rows block) override
    {
        require(block.rowCount > 0 && block.firstRow >= next);
        require(block.bytes.size() == block.rowCount * static_cast<qsizetype>(rowBytes));
        next = block.firstRow + block.rowCount;
        rows += block.rowCount;
        for (const char byte : block.bytes)
            hash = (hash ^ static_cast<quint8>(byte)) * 1099511628211ULL;
    }
    void onText(const TextLine& line) override { require(line.text.size() <= kMaxTextLine + 1 && line.offset >= 0); }
    void onRefusal(const Error& error) override { require(!error.message.isEmpty()); }
};

Checker decode(const Guess& guess, QByteArrayView bytes, qsizetype chunk)
{
    Checker checker;
    checker.rowBytes = guess.spec.bytesPerRow();
    const auto decoder = guess.makeDecoder();
    for (qsizetype at = 0; at < bytes.size(); at += chunk)
        decoder->feed(bytes.sliced(at, std::min(chunk, bytes.size() - at)), checker);
    require(decoder->counts().bytes == bytes.size());
    require(decoder->counts().rows == checker.rows);
    require(decoder->endRow() >= checker.next);
    decoder->restart();
    return checker;
}

// So that decoders are reached from the first input on.
QByteArray goodOpening(const QString& format)
{
    QByteArray bytes = "x\n";
    for (int row = 0; row < 30; ++row) {
        if (format == QLatin1String("csv"))
            bytes += row == 0 ? QByteArray("time_ms,left,right\n") : test::stampedRow(row, 100);
        else if (format == QLatin1String("arduino"))
            bytes += test::arduinoRow(row);
        else if (format == QLatin1String("teleplot"))
            bytes += test::teleplotRow(row, 100);
        else if (format == QLatin1String("nordic"))
            bytes += row % 10 == 0 ? '\0' + test::nordicSession(100) : test::nordicRow(row, 100);
        else if (format == QLatin1String("sensiml"))
            bytes += test::sensimlDescription(2, 100);
        else
            bytes += test::numbersRow(row);
    }
    return bytes;
}

Guess surveyOf(const Format& format, const QByteArray& bytes)
{
    Opening opening;
    for (qsizetype at = 0; at < bytes.size(); at += 50)
        opening.add(QByteArrayView(bytes).sliced(at, std::min<qsizetype>(50, bytes.size() - at)), at * 1'000'000);
    return format.survey(opening);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const Format* const format = *findFormat(QStringLiteral(EMBERLAB_FUZZ_FORMAT));
    static const Guess known = surveyOf(*format, goodOpening(format->name()));
    if (size == 0)
        return 0;
    // The first byte says how it is cut.
    const qsizetype chunk = 1 + data[0] % 64;
    const QByteArray bytes(reinterpret_cast<const char*>(data) + 1, static_cast<qsizetype>(size) - 1);
    const Guess own = surveyOf(*format, bytes);
    require(own.score >= 0 && own.score <= 1 && !own.reason.isEmpty());
    require(known.isUsable());
    for (const Guess* guess : {&own, &known}) {
        if (!guess->isUsable())
            continue;
        require(!guess->spec.channels.empty() && guess->spec.rateHz >= 0);
        const Checker pieces = decode(*guess, bytes, chunk);
        const Checker whole = decode(*guess, bytes, std::max<qsizetype>(1, bytes.size()));
        require(pieces.hash == whole.hash && pieces.rows == whole.rows);
    }
    return 0;
}
