// A rollback journal, looked at without SQLite: SQLite takes the first record that is cut off or
// does not add up for the end of it, and leaves what the rest would have led back.
//
// In:    the path of a journal.
// Out:   whether SQLite would roll it back, and what is wrong with it.
// Never: finds fault with what a run leaves that was cut off anywhere: it counts the records only
//        when they are on the disk.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sockwitness::schema {

// Source: "SQLite Database File Format", 3.
struct JournalHead {
  std::uint32_t records = 0;
  std::uint32_t nonce = 0;        // every checksum begins with it
  std::uint32_t pages = 0;        // of the database before
  std::uint32_t sector_size = 0;  // bytes that the head takes
  std::uint32_t page_size = 0;

  friend bool operator==(const JournalHead&, const JournalHead&) = default;
};
inline constexpr std::size_t kJournalHeadSize = 28;

// Nothing when the bytes do not begin as a journal does that counts; until its records are on the
// disk zeros stand in that place.
[[nodiscard]] std::optional<JournalHead> decode_journal_head(std::string_view bytes);
[[nodiscard]] std::uint32_t journal_checksum(std::uint32_t nonce, std::string_view page);

struct JournalLook {
  std::optional<JournalHead> head;  // nothing: SQLite would not roll it back
  std::string flaw;                 // empty: every record that it counts is there and adds up
};

[[nodiscard]] JournalLook look_at_journal(const std::string& path);

}  // namespace sockwitness::schema
