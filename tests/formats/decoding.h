// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/formats/format.h"
#include "core/signal/sample_block.h"

#include <QRandomGenerator>
#include <QTest>

#include <map>
#include <optional>

namespace ember::test {

/// Everything a decoder gave, in order.
struct Decoded final : formats::Sink
{
    std::vector<formats::Rows> blocks;
    std::vector<formats::TextLine> lines;
    std::vector<Error> refusals;

    void onRows(formats::Rows rows) override { blocks.push_back(std::move(rows)); }
    void onText(const formats::TextLine& line) override { lines.push_back(line); }
    void onRefusal(const Error& error) override { refusals.push_back(error); }

    /// Row number to its values, in physical units.
    std::map<qint64, std::vector<float>> rows(const signal::StreamSpec& spec) const
    {
        std::map<qint64, std::vector<float>> all;
        for (const formats::Rows& block : blocks) {
            const std::vector<float> values = signal::toPhysical(block.bytes, spec);
            const auto width = static_cast<qint64>(spec.channels.size());
            for (qint64 i = 0; i < block.rowCount; ++i)
                all[block.firstRow + i].assign(values.begin() + i * width, values.begin() + (i + 1) * width);
        }
        return all;
    }
    QStringList texts() const
    {
        QStringList all;
        for (const formats::TextLine& line : lines)
            all << line.text;
        return all;
    }
};

/// Bytes as they come from a link at a steady speed, in chunks of `chunk` bytes.
inline formats::Opening openingOf(const QByteArray& bytes, double bytesPerSecond, qsizetype chunk = 16)
{
    formats::Opening opening;
    for (qsizetype at = 0; at < bytes.size(); at += chunk) {
        const QByteArray piece = bytes.mid(at, chunk);
        opening.add(piece, static_cast<qint64>(static_cast<double>(at + piece.size()) * 1e9 / bytesPerSecond));
    }
    return opening;
}

/// Bytes without times, as from a file.
inline formats::Opening openingOf(const QByteArray& bytes)
{
    formats::Opening opening;
    opening.add(bytes, 0);
    return opening;
}

inline formats::Guess survey(const char* format, const formats::Opening& opening)
{
    return (*formats::findFormat(QString::fromLatin1(format)))->survey(opening);
}

/// What a fresh decoder of the guess makes of the bytes, given in pieces that end at `cuts`.
inline Decoded decode(const formats::Guess& guess, const QByteArray& bytes, const std::vector<qsizetype>& cuts = {},
                      formats::Counts* counts = nullptr)
{
    Decoded decoded;
    const auto decoder = guess.makeDecoder();
    qsizetype done = 0;
    for (const qsizetype cut : cuts) {
        decoder->feed(QByteArrayView(bytes).sliced(done, cut - done), decoded);
        done = cut;
    }
    decoder->feed(QByteArrayView(bytes).sliced(done), decoded);
    if (counts)
        *counts = decoder->counts();
    return decoded;
}

inline bool sameCounts(const formats::Counts& a, const formats::Counts& b)
{
    return a.bytes == b.bytes && a.units == b.units && a.badUnits == b.badUnits && a.textLines == b.textLines &&
           a.checksumErrors == b.checksumErrors && a.skippedBytes == b.skippedBytes && a.rows == b.rows &&
           a.deviceDrops == b.deviceDrops && a.linkGaps == b.linkGaps && a.heldValues == b.heldValues &&
           a.restarts == b.restarts;
}

/// The same bytes cut once at every place, and cut into single bytes, give the same rows, texts and counts.
inline void verifyCutsDoNotMatter(const formats::Guess& guess, const QByteArray& bytes)
{
    formats::Counts wholeCounts;
    const Decoded whole = decode(guess, bytes, {}, &wholeCounts);
    const auto compare = [&](const std::vector<qsizetype>& cuts) {
        formats::Counts counts;
        const Decoded other = decode(guess, bytes, cuts, &counts);
        return sameCounts(counts, wholeCounts) && other.rows(guess.spec) == whole.rows(guess.spec) &&
               other.texts() == whole.texts() && other.refusals.size() == whole.refusals.size();
    };
    for (qsizetype cut = 0; cut <= bytes.size(); ++cut)
        QVERIFY2(compare({cut}), qPrintable(QStringLiteral("cut at %1").arg(cut)));
    std::vector<qsizetype> everywhere;
    for (qsizetype cut = 1; cut < bytes.size(); ++cut)
        everywhere.push_back(cut);
    QVERIFY(compare(everywhere));
}

/// Whatever comes, a decoder survives it, its rows are whole and in order, and it counts every byte.
inline void verifyNoiseIsSurvived(const formats::Guess& guess, quint32 seed)
{
    QRandomGenerator random(seed);
    const auto decoder = guess.makeDecoder();
    Decoded decoded;
    qint64 bytes = 0;
    for (int round = 0; round < 200; ++round) {
        QByteArray noise(random.bounded(1, 4096), '\0');
        for (char& byte : noise)
            byte = static_cast<char>(random.bounded(256));
        decoder->feed(noise, decoded);
        bytes += noise.size();
    }
    QCOMPARE(decoder->counts().bytes, bytes);
    qint64 next = 0;
    for (const formats::Rows& block : decoded.blocks) {
        QVERIFY(block.firstRow >= next);
        QVERIFY(block.rowCount > 0);
        QCOMPARE(block.bytes.size(), block.rowCount * static_cast<qsizetype>(guess.spec.bytesPerRow()));
        next = block.firstRow + block.rowCount;
    }
    QVERIFY(decoder->endRow() >= next);
    for (const formats::TextLine& line : decoded.lines)
        QVERIFY(line.text.size() <= formats::kMaxTextLine + 1);
}

} // namespace ember::test
