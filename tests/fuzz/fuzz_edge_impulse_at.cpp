// SPDX-License-Identifier: GPL-3.0-or-later
// Answers of boards with AT commands, and the files that they give back.
#include "core/formats/edge_impulse_at.h"
#include "core/signal/acquisition.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace ember;
    const QByteArray answer(reinterpret_cast<const char*>(data), static_cast<qsizetype>(size));
    static_cast<void>(formats::endsWithPrompt(answer));
    static_cast<void>(formats::parseAtConfig(answer));
    if (const auto sample = formats::parseAtSample(answer); sample && sample->file.isEmpty()) {
        if (sample->to <= sample->from || sample->to - sample->from > formats::kMaxAtSampleBytes)
            std::abort();
    }
    if (const auto file = formats::decodeAtFile(answer))
        static_cast<void>(signal::parseAcquisition(*file));
    if (const auto acquisition = signal::parseAcquisition(answer)) {
        if (acquisition->rows() * acquisition->sensors.size() != acquisition->values.size())
            std::abort();
    }
    return 0;
}
