// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QtGlobal>

namespace ember::dataset {

/// Names this process so that another one can tell later whether it still runs, even when its number was given out
/// again or the machine was restarted. Holds the process number, when it started, the boot, the process-number
/// namespace that the number belongs to, and a hash of the machine's id.
QString thisProcessIdentity();

enum class OwnerState
{
    Alive,
    Gone,
    Unknown ///< it belongs to another machine or container, whose processes cannot be seen from here
};

/// Whether the process of that name still runs. Any thread.
OwnerState stateOfProcess(const QString& identity);

/// The right to write one recording, for as long as the object lives. Its text goes into the project file, so that
/// whoever finds the recording there can tell whether its writer is still at work: also another part of this process,
/// and also another machine, by the time of the last sign of life.
class Ownership
{
public:
    /// An import is taken back when it does not come to its end; a capture is kept.
    enum class Kind
    {
        Capture,
        Import
    };

    explicit Ownership(Kind kind);
    ~Ownership();
    Ownership(const Ownership&) = delete;
    Ownership& operator=(const Ownership&) = delete;

    /// With the present time as the sign of life.
    QString text() const;
    /// What every text of this object, and no other's, begins with.
    QString prefix() const { return m_prefix; }

private:
    qint64 m_number;
    QString m_prefix;
};

/// What the owner column of a recording tells.
struct OwnerNote
{
    OwnerState state = OwnerState::Gone;
    Ownership::Kind kind = Ownership::Kind::Capture;
};

/// An owner of another machine or container is taken for gone when it gave no sign of life for kSilenceMs. Should it
/// live after all, it notices at its next commit that the recording was closed.
OwnerNote readOwner(const QString& text);

/// Far above a clock that is wrong or a laptop that slept; an owner gives a sign of life several times a second.
constexpr qint64 kSilenceMs = 3'600'000;

} // namespace ember::dataset
