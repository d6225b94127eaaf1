// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/emitter.h"

namespace ember::codegen {

/// A zip archive of the files in their order, stored and not deflated: the bytes depend on the files alone, not on the
/// day, the machine or the version of a compressor. (PKWARE APPNOTE 6.3.3, the parts without extensions.) Errors: Usage
/// for a path that is absolute, empty, leaves the archive or comes twice; Unsupported beyond 65535 files or 4 GB.
Result<QByteArray> zipOf(const std::vector<GeneratedFile>& files);

/// The reverse, of archives that zipOf() wrote. The bytes may be anybody's: sizes, places, paths and checksums are
/// checked. Errors: BadData; Unsupported for an archive with compressed files.
Result<std::vector<GeneratedFile>> filesOfZip(const QByteArray& archive);

} // namespace ember::codegen
