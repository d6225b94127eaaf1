// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/archive.h"

#include "core/dataset/text_file.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSet>

#include <algorithm>
#include <archive.h>
#include <archive_entry.h>
#include <array>
#include <memory>

namespace ember::dataset {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;
constexpr qint64 kTarMagicAt = 257;
constexpr qint64 kHeadBytes = 512;

using Reader = std::unique_ptr<struct archive, int (*)(struct archive*)>;

bool isCompressed(const QByteArray& head)
{
    return head.startsWith("\x1f\x8b") || head.startsWith("BZh") ||
           head.startsWith(QByteArray("\xfd"
                                      "7zXZ\0",
                                      6)) ||
           head.startsWith("\x28\xb5\x2f\xfd");
}

QString messageOf(struct archive* reader)
{
    const char* text = archive_error_string(reader);
    return text ? QString::fromUtf8(text) : QStringLiteral("it is damaged");
}

Error refused(const QString& archive, const QString& why, const QString& hint = {})
{
    return Error(ErrorKind::BadData, QStringLiteral("The archive '%1' is refused: %2.").arg(archive, why),
                 hint.isEmpty() ? QStringLiteral("Nothing of it was imported. Unpack it by hand to look at it.")
                                : hint);
}

/// The entry's path with '/' between its parts. Errors say what is wrong with it.
Result<QString> safePath(struct archive_entry* entry, const QString& archive, const ArchiveLimits& limits)
{
    const char* utf8 = archive_entry_pathname_utf8(entry);
    if (!utf8)
        return refused(archive, QStringLiteral("the name of an entry is not text"));
    // Some programs of Windows write their own separator, against the format.
    const QString path = QString::fromUtf8(utf8).replace(QLatin1Char('\\'), QLatin1Char('/'));
    const QStringList parts = path.split(QLatin1Char('/'), Qt::SkipEmptyParts);
    const bool isDrive = path.size() > 1 && path[1] == QLatin1Char(':');
    if (path.startsWith(QLatin1Char('/')) || isDrive || parts.contains(QStringLiteral("..")))
        return refused(archive,
                       QStringLiteral("'%1' would be written outside of the folder").arg(path.left(limits.name)));
    if (path.size() > limits.name || parts.size() > limits.depth)
        return refused(archive, QStringLiteral("the path '%1...' is too long").arg(path.left(60)));
    QStringList kept = parts;
    kept.removeAll(QStringLiteral("."));
    return kept.join(QLatin1Char('/'));
}

Status checkKind(struct archive_entry* entry, const QString& path, const QString& archive)
{
    if (archive_entry_symlink_utf8(entry) || archive_entry_hardlink_utf8(entry) ||
        archive_entry_filetype(entry) == AE_IFLNK)
        return refused(archive, QStringLiteral("'%1' is a link").arg(path));
    if (archive_entry_is_encrypted(entry))
        return refused(archive, QStringLiteral("'%1' is encrypted").arg(path), QStringLiteral("Decrypt it first."));
    const auto kind = archive_entry_filetype(entry);
    if (kind != AE_IFREG && kind != AE_IFDIR && kind != 0)
        return refused(archive, QStringLiteral("'%1' is neither a file nor a folder").arg(path));
    return {};
}

/// Unpacks one archive; counts over all its entries.
class Unpacker
{
public:
    Unpacker(const QString& path, const QString& folder, const ArchiveLimits& limits)
        : m_path(path)
        , m_name(QFileInfo(path).fileName())
        , m_folder(folder)
        , m_limits(limits)
        , m_reader(archive_read_new(), archive_read_free)
    {}

    Status open()
    {
        struct archive* reader = m_reader.get();
        archive_read_support_filter_gzip(reader);
        archive_read_support_filter_bzip2(reader);
        archive_read_support_filter_xz(reader);
        archive_read_support_filter_zstd(reader);
        archive_read_support_format_zip(reader);
        archive_read_support_format_tar(reader);
        archive_read_support_format_gnutar(reader);
        archive_read_support_format_raw(reader);
        if (archive_read_open_filename(reader, QFile::encodeName(m_path).constData(), kReadBytes) != ARCHIVE_OK)
            return damaged();
        return {};
    }

    Result<QStringList> run(const ProgressSink& progress, const CancelToken& cancel)
    {
        struct archive_entry* entry = nullptr;
        for (;;) {
            if (cancel.isCancelled())
                return Error(ErrorKind::Cancelled, QStringLiteral("Unpacking '%1' was cancelled.").arg(m_name));
            const int got = archive_read_next_header(m_reader.get(), &entry);
            if (got == ARCHIVE_EOF)
                break;
            if (got < ARCHIVE_WARN)
                return damaged();
            EMBER_CHECK(take(entry, cancel));
            report(progress, QStringLiteral("Unpacking %1").arg(m_name), -1,
                   m_files.isEmpty() ? QString() : m_files.back());
        }
        if (m_files.isEmpty())
            return Error(ErrorKind::BadData, QStringLiteral("The archive '%1' holds no files.").arg(m_name));
        return m_files;
    }

private:
    Error damaged() const
    {
        return Error(ErrorKind::BadData,
                     QStringLiteral("The archive '%1' cannot be read: %2.").arg(m_name, messageOf(m_reader.get())),
                     QStringLiteral("Download or pack it again."));
    }

    Status take(struct archive_entry* entry, const CancelToken& cancel)
    {
        if (archive_format(m_reader.get()) == ARCHIVE_FORMAT_RAW)
            return write(QFileInfo(m_path).completeBaseName(), cancel);
        EMBER_TRY(const QString path, safePath(entry, m_name, m_limits));
        EMBER_CHECK(checkKind(entry, path, m_name));
        if (archive_entry_filetype(entry) == AE_IFDIR || path.isEmpty())
            return {};
        return write(path, cancel);
    }

    Status write(const QString& path, const CancelToken& cancel)
    {
        if (m_files.size() >= m_limits.files)
            return refused(m_name, QStringLiteral("it holds more than %1 files").arg(m_limits.files));
        // Names that differ in case alone are one file on some disks.
        if (m_taken.contains(path.toCaseFolded()))
            return refused(m_name, QStringLiteral("'%1' is in it twice").arg(path));
        m_taken.insert(path.toCaseFolded());
        const QString target = QDir(m_folder).filePath(path);
        if (!QDir().mkpath(QFileInfo(target).absolutePath()))
            return cannotWrite(path, QStringLiteral("its folder cannot be made"));
        QFile file(target);
        if (!file.open(QIODevice::WriteOnly | QIODevice::NewOnly))
            return cannotWrite(path, file.errorString());
        std::array<char, kReadBytes> buffer;
        for (;;) {
            const la_ssize_t got = archive_read_data(m_reader.get(), buffer.data(), buffer.size());
            if (got == 0)
                break;
            if (got < 0)
                return damaged();
            m_bytes += got; // what is written, whatever the header promised
            if (m_bytes > m_limits.bytes)
                return refused(m_name,
                               QStringLiteral("unpacked it is larger than the %1 MB that may be written")
                                   .arg(m_limits.bytes >> 20),
                               QStringLiteral("Import archives one by one, or unpack it by hand to look at it."));
            if (cancel.isCancelled())
                return Error(ErrorKind::Cancelled, QStringLiteral("Unpacking '%1' was cancelled.").arg(m_name));
            if (file.write(buffer.data(), got) != got)
                return cannotWrite(path, file.errorString());
        }
        if (!file.flush())
            return cannotWrite(path, file.errorString());
        m_files << path;
        return {};
    }

    Error cannotWrite(const QString& path, const QString& why) const
    {
        return Error(ErrorKind::Io,
                     QStringLiteral("'%1' of the archive '%2' cannot be unpacked: %3.").arg(path, m_name, why),
                     QStringLiteral("Check the free space of the folder for temporary files."));
    }

    QString m_path;
    QString m_name;
    QString m_folder;
    ArchiveLimits m_limits;
    Reader m_reader;
    QStringList m_files;
    QSet<QString> m_taken;
    qint64 m_bytes = 0;
};

} // namespace

bool isArchive(const QString& path)
{
    const auto head = detail::readHead(path, kHeadBytes);
    if (!head)
        return false;
    return head->startsWith("PK\x03\x04") || head->startsWith("PK\x05\x06") || isCompressed(*head) ||
           head->mid(kTarMagicAt, 5) == "ustar";
}

Result<QStringList> unpackArchive(const QString& path, const QString& folder, const ArchiveLimits& limits,
                                  const ProgressSink& progress, const CancelToken& cancel)
{
    Unpacker unpacker(path, folder, limits);
    EMBER_CHECK(unpacker.open());
    return unpacker.run(progress, cancel);
}

} // namespace ember::dataset
