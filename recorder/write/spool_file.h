// A snapshot that waits, as the bytes of a file: a database that holds nothing else, and a text
// behind it that says whose it is.
//
// In:    a snapshot as observed, and what is needed to write it later.
// Out:   bytes; or the same from bytes.
// Never: takes bytes for a snapshot that were changed, cut off or made for something else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "schema/base/error.h"
#include "schema/model/snapshot.h"

namespace sockwitness::recorder {

struct SpooledSnapshot {
  schema::Snapshot snapshot;  // as observed: its deep_seq is one of the database, if it has any
  std::string archive;  // uuid of the database, hexadecimal; empty: not known when it was put aside
  std::string reason;   // what kept the database
  std::optional<schema::Pid> holder;  // who kept it, if that is known
};

// What the text says, known without reading the snapshot.
struct SpoolLabel {
  std::string archive;
  std::string reason;
  std::optional<schema::Pid> holder;
  std::optional<schema::Seq> deep_seq;
};

// The bytes or the file are not to be trusted: trying again helps nobody.
class SpoolRefusal : public schema::Error {
 public:
  explicit SpoolRefusal(std::string reason)
      : Error(schema::ExitCode::Unusable, std::move(reason)) {}
};

// `name` is what messages call the file. Throws schema::Error.
[[nodiscard]] std::string encode_spooled(const std::string& name, const SpooledSnapshot& spooled);
// Throws SpoolRefusal, and std::bad_alloc where there is no memory to tell.
[[nodiscard]] SpooledSnapshot decode_spooled(const std::string& name, std::string_view bytes);
// Proves nothing: the digest is not looked at.
[[nodiscard]] std::optional<SpoolLabel> parse_spool_label(std::string_view tail);

inline constexpr std::size_t kSpoolLabelSize = 512;

}  // namespace sockwitness::recorder
