// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Damages project files on purpose, by SQLite's file format.

#include "samples.h"

namespace ember::dataset::test {

constexpr qint64 kPageBytes = 4096;

inline QByteArray read(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

inline void overwrite(const QString& path, qint64 at, const QByteArray& bytes)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(file.seek(at));
    QCOMPARE(file.write(bytes), bytes.size());
}

inline quint32 bigEndian(const QByteArray& file, qint64 at, int bytes)
{
    quint32 value = 0;
    for (int i = 0; i < bytes; ++i)
        value = value << 8 | static_cast<uchar>(file[at + i]);
    return value;
}

/// Where the first row of a table begins in the file, as SQLite's file format says: down the first children to a leaf,
/// whose first cell pointer tells it.
inline qint64 firstCellOf(const QByteArray& file, qint64 rootPage)
{
    constexpr int kInterior = 5;
    qint64 page = (rootPage - 1) * kPageBytes;
    while (file[page] == kInterior)
        page = (bigEndian(file, page + bigEndian(file, page + 12, 2), 4) - 1) * kPageBytes;
    return page + bigEndian(file, page + 8, 2);
}

/// Makes the size of the first row of a table 4 GB less a byte. The rest of the row stays behind it, but its header
/// a column longer: at the end of the header SQLite would see that the sizes do not add up.
inline void claimGigabytes(const QString& path, const char* table)
{
    qint64 root = 0;
    {
        const auto project = Project::open(path, Project::Access::ReadOnly);
        VERIFY_OK(project);
        root = *project->database().integer("SELECT rootpage FROM sqlite_schema WHERE name = ?",
                                            QString::fromLatin1(table));
    }
    const QByteArray file = read(path);
    const qint64 cell = firstCellOf(file, root);
    qint64 behind = cell; // the size: seven bits a byte, with the highest bit set in all but the last
    while (file[behind++] & 0x80) {
    }
    QByteArray rest = file.mid(behind, 60); // the row's id, the size of its header
    ++rest[1];
    overwrite(path, cell, QByteArray("\x8f\xff\xff\xff\x7f") + rest);
}

} // namespace ember::dataset::test
