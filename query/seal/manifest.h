// What a sealed export is: what was asked for, the head that vouches for it, its files.
//
// In:    its text, from wherever it comes.
// Out:   what it says; the same text again.
// Never: takes a text that format_manifest() would not give.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/chain/anchor.h"
#include "schema/chain/key_text.h"

namespace sockwitness::query {

inline constexpr std::string_view kManifestName = "manifest";
inline constexpr std::string_view kLinksName = "links.jsonl";
inline constexpr std::string_view kRowsName = "rows.jsonl";
inline constexpr std::string_view kAnchorsName = "anchors.txt";
inline constexpr std::string_view kInstructionsName = "VERIFY.txt";
// In the order in which the manifest lists them.
inline constexpr std::array kSealedNames{kLinksName, kRowsName, kAnchorsName, kInstructionsName};

// "socket 4711": the row of that table whose first column has this number.
struct RowName {
  std::string table;
  std::int64_t number = 0;

  friend auto operator<=>(const RowName&, const RowName&) = default;
};

struct Range {
  std::int64_t first = 0;
  std::int64_t last = 0;

  friend bool operator==(const Range&, const Range&) = default;
};

struct Manifest {
  schema::ArchiveId archive{};
  std::int64_t format = 0;                // version of the format of the rows
  std::optional<Range> asked;             // snapshots; nothing: single rows were asked for
  std::vector<RowName> rows;              // these, ascending
  std::optional<Range> complete;          // records of which every row is there
  schema::Anchor head;                    // of the last link
  std::vector<schema::EnrolledKey> keys;  // the first one of each row of keys
  std::array<schema::Hash, kSealedNames.size()> files{};
};

[[nodiscard]] std::string format_manifest(const Manifest& manifest);
[[nodiscard]] std::optional<Manifest> parse_manifest(std::string_view text);

// VERIFY.txt: how to check it, by program and by hand.
[[nodiscard]] std::string instructions_for(const Manifest& manifest);

}  // namespace sockwitness::query
