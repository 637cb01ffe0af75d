// The rows of the chain itself: links, what they were made by, where rows of keys begin.
//
// In:    an open database.
// Out:   the last of each, or a new one.
// Never: judges whether a link is right.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "schema/chain/link_head.h"
#include "schema/disk/id_list.h"

namespace sockwitness::schema {

class Database;

struct LinkRow {
  RowId record = 0;
  std::int64_t leaves = 0;
  std::string advance;
  Hash root{};
  PublicKey successor{};
  Hash head{};
  Signature signature{};
};

// Where a program file lies and when it changed: the same, and it was not read anew.
struct FileMark {
  std::int64_t device = 0;
  std::int64_t inode = 0;
  std::int64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::int64_t ctime_ns = 0;

  friend bool operator==(const FileMark&, const FileMark&) = default;
};

struct EnvironmentRow {
  std::int64_t format = 0;
  std::string schema_sha256;
  std::string configuration_sha256;
  std::string recorder_version;
  std::optional<std::string> binary_sha256;
  FileMark binary;
  std::string machine_id;
  std::string host_name;

  friend bool operator==(const EnvironmentRow&, const EnvironmentRow&) = default;
};

// Stored numbers of key_segment.reason, never reused.
enum class SegmentReason : std::int64_t { Begins = 1, NoKeys = 2, Unreadable = 3, OtherState = 4 };

struct SegmentRow {
  RowId record = 0;
  PublicKey public_key{};
  SegmentReason reason = SegmentReason::Begins;
  std::optional<RowId> known;
};

// All throw SQLite::Exception, or Error for a row that no recorder writes.
[[nodiscard]] std::optional<LinkRow> read_last_link(Database& database);
void insert_link(Database& database, const LinkRow& link);

struct KnownEnvironment {
  RowId record = 0;
  EnvironmentRow row;
};
[[nodiscard]] std::optional<KnownEnvironment> read_last_environment(Database& database);
void insert_environment(Database& database, RowId record, const EnvironmentRow& row);
// In the order of records.
[[nodiscard]] std::vector<SegmentRow> read_segments(Database& database);
void insert_segment(Database& database, const SegmentRow& segment);

}  // namespace sockwitness::schema
