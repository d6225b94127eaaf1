// SPDX-License-Identifier: MIT-0
#pragma once

// How a board describes itself: one CBOR map (RFC 8949) with these text keys. Keys are short because they live in the
// board's flash. Unknown keys are passed over by readers; missing optional ones mean "none".
//
//   "p"   uint    protocol version
//   "fw"  text    firmware version
//   "id"  bytes   build id of the linked image (the linker's 20-byte SHA-1 note)
//   "b"   text    board id, as in the board file ("mps2-an386")
//   "s"   uint    session: differs at every start of the board, so that a restart is noticed
//   "mp"  uint    largest payload the board takes, bytes
//   "ch"  uint    rate of the CPU timer, Hz (profile ticks)
//   "st"  array   streams, each a map:
//           "i"  uint    stream number in frames
//           "n"  text    name ("imu")
//           "t"  uint    ElementType
//           "r"  float   rate, Hz; 0: no sensor behind it, it takes injected rows only
//           "c"  array   channels, each a map: "n" text name, "u" text unit, "s" float scale, "o" float offset
//                        (value = raw * scale + offset; an offset of 0 may be left out)
//   "m"   map     the deployed model (optional):
//           "n"  text    name
//           "h"  text    content hash, the first 16 hexadecimal digits
//           "k"  uint    input kind: 0 feature vector, 1 window of raw rows
//           "w"  uint    window length, rows;  "hp" uint hop, rows;  "ic" uint channels of the window
//           "f"  uint    number of features;   "ft" uint ElementType of a feature
//           "v"  uint    number of outputs;    "vt" uint ElementType of an output; int32 (votes) when absent
//           "c"  array of text: class names
//           "pa" uint    windows in a row that make an event, of firmware that tells events; else absent
//           "sg" array of text: stages in Profile, in order
//   "cap" array   of text: "inject", "vector", "profile", "reset", "bootloader", "learn", "keep", "self-test"

namespace ember {
namespace wire {

constexpr unsigned kMaxChannels = 16;
constexpr unsigned kMaxNameLength = 15;

} // namespace wire
} // namespace ember
