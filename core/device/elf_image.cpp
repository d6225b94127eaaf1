// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/elf_image.h"

#include "device-agent/wire/bytes.hpp"

#include <QFile>

#include <algorithm>
#include <cstring>
#include <utility>

namespace ember::device {
namespace {

constexpr qint64 kMaxFileBytes = 64 * 1024 * 1024;
constexpr quint32 kMaxHeaders = 4096;
constexpr quint32 kMaxSymbols = 1'000'000;
// Tables of a hostile file may overlap, so that its size alone does not bound what they say.
constexpr qint64 kMaxNameBytes = 32 * 1024 * 1024;
constexpr qint64 kMaxNoteBytes = 1024 * 1024;

constexpr qsizetype kFileHeaderSize = 52;
constexpr quint32 kSectionHeaderSize = 40;
constexpr quint32 kProgramHeaderSize = 32;
constexpr quint32 kSymbolSize = 16;

constexpr quint32 kSymbolTable = 2;
constexpr quint32 kStringTable = 3;
constexpr quint32 kNote = 7;
constexpr quint32 kBuildIdNote = 3;
constexpr quint16 kExecutable = 2;

constexpr quint16 kArm = 40;
constexpr quint16 kAvr = 83;
constexpr quint16 kRiscV = 243;

/// Reads numbers at offsets of a file that may lie: whatever is outside of it is zero and remembered.
class Bytes
{
public:
    explicit Bytes(const QByteArray& bytes)
        : m_bytes(bytes)
    {}

    bool holds(quint64 offset, quint64 size) const
    {
        const auto all = static_cast<quint64>(m_bytes.size());
        return offset <= all && size <= all - offset;
    }
    quint16 u16(quint64 at) const { return holds(at, 2) ? wire::getU16(raw(at)) : 0; }
    quint32 u32(quint64 at) const { return holds(at, 4) ? wire::getU32(raw(at)) : 0; }
    quint8 u8(quint64 at) const { return holds(at, 1) ? *raw(at) : 0; }

    /// A zero-terminated text in a string table.
    QByteArrayView text(const ElfSection& table, quint32 at) const
    {
        if (at >= table.size || !holds(table.offset, table.size))
            return {};
        const char* begin = m_bytes.constData() + table.offset + at;
        return {begin, static_cast<qsizetype>(::strnlen(begin, table.size - at))};
    }

    QByteArray piece(quint32 offset, quint32 size) const { return m_bytes.mid(offset, size); }

private:
    const uint8_t* raw(quint64 at) const { return reinterpret_cast<const uint8_t*>(m_bytes.constData()) + at; }

    const QByteArray& m_bytes;
};

struct Reader
{
    Bytes bytes;
    QString name;
    ElfImage image;
    std::vector<quint32> links; // sh_link of each section
    qint64 nameBytes = 0;       // of all sections and symbols

    Error bad(const QString& why) const
    {
        return Error(ErrorKind::BadData, QStringLiteral("'%1' is not a firmware image: %2.").arg(name, why),
                     QStringLiteral("Give the ELF file that the build made."));
    }

    Result<QString> readName(const ElfSection& table, quint32 at);
    Status readHeader();
    Status readSegments();
    Status readSections();
    Status readSymbols();
    Status readBuildId();
};

Result<QString> Reader::readName(const ElfSection& table, quint32 at)
{
    const QByteArrayView found = bytes.text(table, at);
    nameBytes += found.size();
    if (nameBytes > kMaxNameBytes)
        return bad(QStringLiteral("its names are far too long"));
    return QString::fromUtf8(found);
}

Status Reader::readHeader()
{
    if (!bytes.holds(0, kFileHeaderSize) || bytes.u32(0) != 0x464C457F)
        return bad(QStringLiteral("it is not an ELF file"));
    if (bytes.u8(4) != 1 || bytes.u8(5) != 1)
        return bad(QStringLiteral("it is an ELF file, but not a 32-bit little-endian one"));
    if (bytes.u16(16) != kExecutable)
        return bad(QStringLiteral("it is an object file or library, not a linked program"));
    image.machine = bytes.u16(18);
    image.entry = bytes.u32(24);
    return {};
}

Status Reader::readSegments()
{
    const quint32 offset = bytes.u32(28);
    const quint32 size = bytes.u16(42);
    const quint32 count = bytes.u16(44);
    if (count == 0 || count > kMaxHeaders || size < kProgramHeaderSize || !bytes.holds(offset, quint64(size) * count))
        return bad(QStringLiteral("its table of segments is damaged"));
    for (quint32 i = 0; i < count; ++i) {
        const quint64 at = offset + quint64(i) * size;
        const ElfSegment segment{bytes.u32(at),      bytes.u32(at + 4),  bytes.u32(at + 8),
                                 bytes.u32(at + 12), bytes.u32(at + 16), bytes.u32(at + 20)};
        if (segment.isLoadable() &&
            (!bytes.holds(segment.offset, segment.fileSize) || segment.memorySize < segment.fileSize))
            return bad(QStringLiteral("segment %1 is outside of the file").arg(i));
        image.segments.push_back(segment);
    }
    return {};
}

Status Reader::readSections()
{
    const quint32 offset = bytes.u32(32);
    const quint32 size = bytes.u16(46);
    const quint32 count = bytes.u16(48);
    const quint32 names = bytes.u16(50);
    if (count == 0)
        return {}; // stripped of sections: still loadable
    if (count > kMaxHeaders || size < kSectionHeaderSize || !bytes.holds(offset, quint64(size) * count))
        return bad(QStringLiteral("its table of sections is damaged"));
    std::vector<quint32> nameOffsets;
    for (quint32 i = 0; i < count; ++i) {
        const quint64 at = offset + quint64(i) * size;
        const ElfSection section{
            {}, bytes.u32(at + 4), bytes.u32(at + 8), bytes.u32(at + 12), bytes.u32(at + 16), bytes.u32(at + 20)};
        if (section.type != 0 && section.hasContent() && !bytes.holds(section.offset, section.size))
            return bad(QStringLiteral("section %1 is outside of the file").arg(i));
        nameOffsets.push_back(bytes.u32(at));
        links.push_back(bytes.u32(at + 24));
        image.sections.push_back(section);
    }
    if (names >= count || image.sections[names].type != kStringTable)
        return bad(QStringLiteral("its sections have no names"));
    const ElfSection table = image.sections[names];
    for (quint32 i = 0; i < count; ++i) {
        EMBER_TRY(image.sections[i].name, readName(table, nameOffsets[i]));
    }
    return {};
}

Status Reader::readSymbols()
{
    bool seen = false;
    for (size_t i = 0; i < image.sections.size(); ++i) {
        const ElfSection& section = image.sections[i];
        if (section.type != kSymbolTable)
            continue;
        if (std::exchange(seen, true))
            return bad(QStringLiteral("it has several tables of symbols"));
        const quint32 count = section.size / kSymbolSize;
        if (count > kMaxSymbols || links[i] >= image.sections.size())
            return bad(QStringLiteral("its table of symbols is damaged"));
        const ElfSection& names = image.sections[links[i]];
        for (quint32 s = 0; s < count; ++s) {
            const quint64 at = section.offset + quint64(s) * kSymbolSize;
            const int type = bytes.u8(at + 12) & 0xF;
            EMBER_TRY(QString symbolName, readName(names, bytes.u32(at)));
            ElfSymbol symbol{std::move(symbolName), bytes.u32(at + 4), bytes.u32(at + 8),
                             bytes.u16(at + 14),    type == 2,         type == 1};
            if (!symbol.name.isEmpty())
                image.symbols.push_back(std::move(symbol));
        }
    }
    return {};
}

Status Reader::readBuildId()
{
    qint64 noteBytes = 0;
    for (const ElfSection& section : image.sections) {
        if (section.type != kNote)
            continue;
        noteBytes += section.size;
        if (noteBytes > kMaxNoteBytes)
            return bad(QStringLiteral("its notes are far too long"));
        for (quint64 at = section.offset; at + 12 <= quint64(section.offset) + section.size;) {
            const quint32 nameSize = bytes.u32(at);
            const quint32 size = bytes.u32(at + 4);
            const quint64 data = at + 12 + ((quint64(nameSize) + 3) & ~quint64(3));
            if (data + size > quint64(section.offset) + section.size)
                return bad(QStringLiteral("its notes are damaged"));
            if (bytes.u32(at + 8) == kBuildIdNote && nameSize == 4 && bytes.u32(at + 12) == 0x00554E47) // "GNU"
                image.buildId = bytes.piece(static_cast<quint32>(data), size);
            at = data + ((quint64(size) + 3) & ~quint64(3));
        }
    }
    return {};
}

template <typename Pred>
qint64 sumSections(const ElfImage& image, Pred counts)
{
    qint64 sum = 0;
    for (const ElfSection& section : image.sections) {
        if (section.isAllocated() && counts(section))
            sum += section.size;
    }
    return sum;
}

QString machineName(quint16 machine)
{
    switch (machine) {
    case kArm:
        return QStringLiteral("Arm");
    case kAvr:
        return QStringLiteral("AVR");
    case kRiscV:
        return QStringLiteral("RISC-V");
    default:
        return QStringLiteral("machine type %1").arg(machine);
    }
}

/// What the board's tools make; 0 when they are not known.
quint16 machineOf(const Board& board)
{
    if (board.toolchain.family.startsWith(QLatin1String("arm")))
        return kArm;
    if (board.toolchain.family.startsWith(QLatin1String("avr")))
        return kAvr;
    if (board.toolchain.family.startsWith(QLatin1String("riscv")))
        return kRiscV;
    return 0;
}

Status checkAddresses(const ElfImage& image, const Board& board)
{
    if (!board.flashOrigin)
        return {};
    const qint64 begin = *board.flashOrigin;
    for (const ElfSegment& segment : image.segments) {
        const qint64 at = segment.physicalAddress;
        if (!segment.isLoadable() || segment.fileSize == 0)
            continue;
        if (at < begin || at + segment.fileSize > begin + board.flashBytes)
            return Error(
                ErrorKind::BadData,
                QStringLiteral("The image goes to address 0x%1; %2 has its programs from 0x%3 on.")
                    .arg(at, 8, 16, QLatin1Char('0'))
                    .arg(board.name)
                    .arg(begin, 8, 16, QLatin1Char('0')),
                QStringLiteral("It was linked for another board: build it for the target '%1'.").arg(board.id));
    }
    return {};
}

} // namespace

qint64 ElfImage::flashBytes() const
{
    return sumSections(*this, [](const ElfSection& s) { return s.hasContent(); });
}

qint64 ElfImage::codeBytes() const
{
    return sumSections(*this, [](const ElfSection& s) { return s.hasContent() && s.isCode(); });
}

qint64 ElfImage::ramBytes() const
{
    return sumSections(*this, [](const ElfSection& s) { return s.isWritable(); });
}

qint64 ElfImage::loadableBytes() const
{
    qint64 sum = 0;
    for (const ElfSegment& segment : segments)
        sum += segment.isLoadable() ? segment.fileSize : 0;
    return sum;
}

const ElfSymbol* ElfImage::symbol(const QString& wanted) const
{
    const auto it = std::find_if(symbols.begin(), symbols.end(), [&](const ElfSymbol& s) { return s.name == wanted; });
    return it == symbols.end() ? nullptr : &*it;
}

Result<ElfImage> parseElf(const QByteArray& bytes, const QString& name)
{
    Reader reader{Bytes(bytes), name, {}, {}};
    if (bytes.size() > kMaxFileBytes)
        return reader.bad(QStringLiteral("it is far too long"));
    EMBER_CHECK(reader.readHeader());
    EMBER_CHECK(reader.readSegments());
    EMBER_CHECK(reader.readSections());
    EMBER_CHECK(reader.readSymbols());
    EMBER_CHECK(reader.readBuildId());
    return std::move(reader.image);
}

Result<ElfImage> readElf(const QString& path)
{
    QFile file(path);
    if (!file.exists())
        return Error(ErrorKind::NotFound, QStringLiteral("There is no image '%1'.").arg(path));
    if (!file.open(QIODevice::ReadOnly))
        return Error(ErrorKind::Io, QStringLiteral("The image '%1' cannot be read: %2.").arg(path, file.errorString()));
    return parseElf(file.read(kMaxFileBytes + 1), path);
}

Status checkImage(const ElfImage& image, const Board& board)
{
    const quint16 machine = machineOf(board);
    if (machine != 0 && image.machine != machine) {
        return Error(ErrorKind::BadData,
                     QStringLiteral("The image is for %1, but %2 is %3.")
                         .arg(machineName(image.machine), board.name, machineName(machine)),
                     QStringLiteral("Build it for the target '%1'.").arg(board.id));
    }
    const auto tooLarge = [&board](const QString& memory, qint64 needs, qint64 has) {
        return Error(
            ErrorKind::BadData,
            QStringLiteral("The image needs %1 bytes of %2; %3 has %4.").arg(needs).arg(memory, board.name).arg(has),
            QStringLiteral("Choose a smaller model, optimise for size, or take a larger board."));
    };
    // Segments may carry padding and headers, so they speak only where sections are stripped.
    const qint64 flash = image.sections.empty() ? image.loadableBytes() : image.flashBytes();
    if (flash > board.flashBytes)
        return tooLarge(QStringLiteral("flash"), flash, board.flashBytes);
    if (image.ramBytes() > board.ramBytes)
        return tooLarge(QStringLiteral("RAM"), image.ramBytes(), board.ramBytes);
    return checkAddresses(image, board);
}

} // namespace ember::device
