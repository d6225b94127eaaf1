// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/schema.h"

#include <array>

namespace ember::dataset {
namespace {

// Rows of samples live in `blocks`: contiguous, at most 4096 rows, never across a multiple of 4096, immutable. While a
// recording runs, its newest rows stand in short blocks; from `sealed_row` downwards these have been joined and
// summarised. `summaries` holds minima and maxima: a chunk of level L has 256 buckets of 16^L rows each, as u32
// counts[n], f32 minima[n x channels], f32 maxima[n x channels], little-endian.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE recordings (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    stream TEXT NOT NULL,                  -- JSON: type, rate, channels
    group_name TEXT NOT NULL DEFAULT '',
    group_kind INTEGER NOT NULL DEFAULT 0, -- 0 subject, 1 device, 2 session
    metadata TEXT NOT NULL DEFAULT '{}',   -- JSON
    created_ms INTEGER NOT NULL,           -- Unix time, UTC
    state INTEGER NOT NULL,                -- 0 recording, 1 finished, 2 interrupted
    owner TEXT NOT NULL DEFAULT '',        -- the process that writes it
    trashed INTEGER NOT NULL DEFAULT 0,
    row_count INTEGER NOT NULL DEFAULT 0,
    end_row INTEGER NOT NULL DEFAULT 0,
    sealed_row INTEGER NOT NULL DEFAULT 0,
    ledger TEXT NOT NULL DEFAULT '{}',     -- JSON
    content_hash TEXT NOT NULL DEFAULT ''
);

CREATE TABLE blocks (
    id INTEGER PRIMARY KEY,
    recording INTEGER NOT NULL REFERENCES recordings(id) ON DELETE CASCADE,
    first_row INTEGER NOT NULL,
    row_count INTEGER NOT NULL,
    device_micros INTEGER NOT NULL,
    host_nanos INTEGER NOT NULL,
    dropped INTEGER NOT NULL,
    data BLOB NOT NULL,
    UNIQUE (recording, first_row)
);

CREATE TABLE summaries (
    recording INTEGER NOT NULL REFERENCES recordings(id) ON DELETE CASCADE,
    level INTEGER NOT NULL,
    chunk INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (recording, level, chunk)
);

CREATE TABLE label_sets (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE labels (
    id INTEGER PRIMARY KEY,
    label_set INTEGER NOT NULL REFERENCES label_sets(id),
    name TEXT NOT NULL,
    colour INTEGER NOT NULL DEFAULT 0,
    UNIQUE (label_set, name)
);

CREATE TABLE segments (
    id INTEGER PRIMARY KEY,
    recording INTEGER NOT NULL REFERENCES recordings(id) ON DELETE CASCADE,
    label INTEGER NOT NULL REFERENCES labels(id),
    begin_row INTEGER NOT NULL,
    end_row INTEGER NOT NULL,              -- one past the last
    CHECK (begin_row >= 0 AND begin_row < end_row)
);
CREATE INDEX segments_by_recording ON segments (recording, begin_row);
CREATE INDEX segments_by_label ON segments (label);

CREATE TABLE splits (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    method TEXT NOT NULL,
    test_share REAL NOT NULL,
    seed INTEGER NOT NULL,
    sides TEXT NOT NULL,                   -- JSON: recording ids under "train" and "test"
    created_ms INTEGER NOT NULL
);

CREATE TABLE feature_cache (
    key TEXT PRIMARY KEY,
    used INTEGER NOT NULL,                 -- counts up; the smallest was used longest ago
    bytes INTEGER NOT NULL,
    data BLOB NOT NULL
);

CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    trainer TEXT NOT NULL,
    parameters TEXT NOT NULL,              -- JSON, as the next ones
    seed INTEGER NOT NULL,
    pipeline TEXT NOT NULL,
    windows TEXT NOT NULL,
    validation TEXT NOT NULL,
    scores TEXT NOT NULL,
    costs TEXT NOT NULL,
    dataset_hash TEXT NOT NULL,
    status INTEGER NOT NULL,               -- 0 running, 1 finished, 2 failed, 3 cancelled
    reason TEXT NOT NULL,
    owner TEXT NOT NULL DEFAULT '',        -- the process that runs it
    created_ms INTEGER NOT NULL,
    seconds REAL NOT NULL,
    model INTEGER REFERENCES models(id) ON DELETE SET NULL
);

CREATE TABLE models (
    id INTEGER PRIMARY KEY,
    run INTEGER REFERENCES runs(id) ON DELETE SET NULL,
    name TEXT NOT NULL,
    hash TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    onnx BLOB NOT NULL
);

CREATE TABLE verifications (
    id INTEGER PRIMARY KEY,
    model INTEGER NOT NULL REFERENCES models(id) ON DELETE CASCADE,
    target TEXT NOT NULL,
    source TEXT NOT NULL,                  -- "emulated" or "measured"
    row_count INTEGER NOT NULL,
    mismatched INTEGER NOT NULL,
    label_flips INTEGER NOT NULL,
    bit_exact INTEGER NOT NULL,
    report TEXT NOT NULL,                  -- JSON
    created_ms INTEGER NOT NULL
);

CREATE TABLE exports (
    id INTEGER PRIMARY KEY,
    model INTEGER REFERENCES models(id) ON DELETE SET NULL,
    kind TEXT NOT NULL,
    target TEXT NOT NULL,
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    created_ms INTEGER NOT NULL
);

PRAGMA application_id = 1162691154;
)sql";

// Versions of the data set: what there was to learn from, so that it can be compared with what there is.
constexpr const char* kVersion2 = R"sql(
CREATE TABLE dataset_versions (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,                    -- unique unless empty; empty: kept for a run
    hash TEXT NOT NULL,                    -- as runs.dataset_hash
    created_ms INTEGER NOT NULL,
    recordings INTEGER NOT NULL,
    segments INTEGER NOT NULL,
    content BLOB NOT NULL                  -- u32 big-endian size, then zlib: JSON
);
CREATE UNIQUE INDEX dataset_versions_by_name ON dataset_versions (name) WHERE name <> '';
CREATE INDEX dataset_versions_by_hash ON dataset_versions (hash);
)sql";

constexpr std::array kMigrations = {
    Migration{1, 1, kVersion1},
    Migration{2, 1, kVersion2},
};

} // namespace

std::span<const Migration> migrations()
{
    return kMigrations;
}

} // namespace ember::dataset
