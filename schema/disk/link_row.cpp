#include "schema/disk/link_row.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include "schema/base/error.h"
#include "schema/chain/hex_bytes.h"
#include "schema/disk/database.h"
#include "schema/disk/lent_statement.h"
#include "schema/disk/row.h"
#include "schema/disk/sql.h"

namespace sockwitness::schema {
namespace {

template <std::size_t Size>
std::array<std::uint8_t, Size> fixed(std::string_view bytes) {
  const auto value = from_bytes<Size>(bytes);
  if (!value) {
    throw Error(ExitCode::Unusable,
                "reading the chain of records: a hash, key or signature has another length",
                "the file is damaged or was altered; see: sockwitness verify");
  }
  return *value;
}

}  // namespace

std::optional<LinkRow> read_last_link(Database& database) {
  LentStatement read = database.lend(sql::kReadLastLink);
  if (!read->executeStep()) {
    return std::nullopt;
  }
  RowReader row(*read);
  LinkRow link;
  link.record = row.integer();
  link.leaves = row.integer();
  link.advance = row.bytes();
  link.root = fixed<32>(row.bytes());
  link.successor = fixed<32>(row.bytes());
  link.head = fixed<32>(row.bytes());
  link.signature = fixed<64>(row.bytes());
  return link;
}

void insert_link(Database& database, const LinkRow& link) {
  LentStatement insert = database.lend(sql::kInsertLink);
  RowBinder(*insert)
      .integer(link.record)
      .integer(link.leaves)
      .bytes(link.advance)
      .bytes(bytes_of(link.root))
      .bytes(bytes_of(link.successor))
      .bytes(bytes_of(link.head))
      .bytes(bytes_of(link.signature))
      .run();
}

std::optional<KnownEnvironment> read_last_environment(Database& database) {
  LentStatement read = database.lend(sql::kReadLastEnvironment);
  if (!read->executeStep()) {
    return std::nullopt;
  }
  RowReader row(*read);
  KnownEnvironment known;
  EnvironmentRow& environment = known.row;
  known.record = row.integer();
  environment.format = row.integer();
  environment.schema_sha256 = row.bytes();
  environment.configuration_sha256 = row.bytes();
  environment.recorder_version = row.bytes();
  if (row.is_null_here()) {
    static_cast<void>(row.bytes());
  } else {
    environment.binary_sha256 = row.bytes();
  }
  for (std::int64_t* part : {&environment.binary.device,
                             &environment.binary.inode,
                             &environment.binary.size,
                             &environment.binary.mtime_ns,
                             &environment.binary.ctime_ns}) {
    *part = row.integer();
  }
  environment.machine_id = row.bytes();
  environment.host_name = row.bytes();
  return known;
}

void insert_environment(Database& database, RowId record, const EnvironmentRow& row) {
  LentStatement insert = database.lend(sql::kInsertEnvironment);
  RowBinder binder(*insert);
  binder.integer(record)
      .integer(row.format)
      .bytes(row.schema_sha256)
      .bytes(row.configuration_sha256)
      .text(row.recorder_version);
  if (row.binary_sha256) {
    binder.bytes(*row.binary_sha256);
  } else {
    binder.null();
  }
  binder.integer(row.binary.device)
      .integer(row.binary.inode)
      .integer(row.binary.size)
      .integer(row.binary.mtime_ns)
      .integer(row.binary.ctime_ns)
      .text(row.machine_id)
      .bytes(row.host_name)
      .run();
}

std::vector<SegmentRow> read_segments(Database& database) {
  std::vector<SegmentRow> segments;
  LentStatement read = database.lend(sql::kReadSegments);
  while (read->executeStep()) {
    RowReader row(*read);
    SegmentRow segment;
    segment.record = row.integer();
    segment.public_key = fixed<32>(row.bytes());
    segment.reason = row.enumeration(SegmentReason::OtherState);
    segment.known = row.maybe_integer();
    segments.push_back(segment);
  }
  return segments;
}

void insert_segment(Database& database, const SegmentRow& segment) {
  LentStatement insert = database.lend(sql::kInsertSegment);
  RowBinder(*insert)
      .integer(segment.record)
      .bytes(bytes_of(segment.public_key))
      .enumeration(segment.reason)
      .maybe_integer(segment.known)
      .run();
}

}  // namespace sockwitness::schema
