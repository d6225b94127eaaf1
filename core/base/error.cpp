// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"

#include <array>

namespace ember {
namespace {

struct KindEntry
{
    ErrorKind kind;
    const char* name;
    int exitCode;
};

// One table, walked by a test: parallel arrays drift apart.
constexpr std::array kKinds = {
    KindEntry{ErrorKind::Failed, "failed", 1},
    KindEntry{ErrorKind::Usage, "usage", 2},
    KindEntry{ErrorKind::NotFound, "not-found", 1},
    KindEntry{ErrorKind::BadData, "bad-data", 1},
    KindEntry{ErrorKind::Unsupported, "unsupported", 1},
    KindEntry{ErrorKind::Io, "io", 1},
    KindEntry{ErrorKind::Board, "board", 4},
    KindEntry{ErrorKind::MissingTool, "missing-tool", 5},
    KindEntry{ErrorKind::Gate, "gate", 3},
    KindEntry{ErrorKind::Cancelled, "cancelled", 1},
};

const KindEntry& entryFor(ErrorKind kind)
{
    for (const KindEntry& entry : kKinds) {
        if (entry.kind == kind)
            return entry;
    }
    return kKinds.front();
}

} // namespace

QString errorKindName(ErrorKind kind)
{
    return QString::fromLatin1(entryFor(kind).name);
}

int exitCodeFor(ErrorKind kind)
{
    return entryFor(kind).exitCode;
}

Error Error::wrongBoard(QString message, QString hint)
{
    Error error(ErrorKind::Board, std::move(message), std::move(hint));
    error.permanent = true;
    return error;
}

Error Error::context(const QString& step) const
{
    Error wider = *this;
    wider.trail.append(step);
    return wider;
}

QString Error::toString() const
{
    QString text = message;
    if (!hint.isEmpty())
        text += QStringLiteral("\n  ") + hint;
    for (const QString& step : trail)
        text += QStringLiteral("\n  while ") + step;
    return text;
}

} // namespace ember
