#include "schema/disk/chained_tables.h"

#include <array>

#include "schema/disk/digest.h"
#include "schema/disk/entity.h"

namespace sockwitness::schema {
namespace {

constexpr auto kEntityParts = static_cast<std::uint8_t>(kEntities.size());
constexpr auto kFacetParts = static_cast<std::uint8_t>(Facet::ProcessContainers);
constexpr std::string_view kDigest = "digest";

// A new table goes to the end: the order is part of what is signed.
constexpr auto kTables = [] {
  using enum Numbering;
  return std::array{
      ChainedTable{"archive", "id", Record, ""},
      ChainedTable{"record", "id", Record, ""},
      ChainedTable{"environment", "record", Record, ""},
      ChainedTable{"key_segment", "record", Record, ""},
      ChainedTable{"setting", "record", Record, "name"},
      ChainedTable{"missed", "record", Record, ""},
      ChainedTable{"author", "record", Record, ""},
      ChainedTable{"baseline", "record", Record, ""},
      ChainedTable{"baseline_drop", "record", Record, ""},
      ChainedTable{"baseline_acceptance", "record", Record, ""},
      ChainedTable{"baseline_netns", "record", Record, "netns"},
      ChainedTable{"baseline_service", "id", BaselineService, ""},
      ChainedTable{"baseline_owner", "id", BaselineOwner, ""},
      ChainedTable{"baseline_rpc", "service", BaselineService, "program"},
      ChainedTable{"baseline_gap", "id", BaselineGap, ""},
      ChainedTable{"text", "id", Text, ""},
      ChainedTable{"long_text", "text", Text, ""},
      ChainedTable{"text_run", "text", Text, "position"},
      ChainedTable{"context", "id", Context, ""},
      ChainedTable{"program", "id", Program, ""},
      ChainedTable{"container", "id", Container, ""},
      ChainedTable{"netns", "id", Netns, ""},
      ChainedTable{"process", "id", Process, ""},
      ChainedTable{"socket", "id", Socket, ""},
      ChainedTable{"socket_detail", "socket", Socket, ""},
      ChainedTable{"forward", "socket", Socket, ""},
      ChainedTable{"holder", "id", Holder, ""},
      ChainedTable{"descriptor", "id", Descriptor, ""},
      ChainedTable{"mapping", "id", Mapping, ""},
      ChainedTable{"gap", "id", Gap, ""},
      ChainedTable{"user_name", "id", UserName, ""},
      ChainedTable{"group_name", "id", GroupName, ""},
      ChainedTable{"registration", "id", Registration, ""},
      ChainedTable{"snapshot", "seq", Snapshot, ""},
      ChainedTable{"deferred", "seq", Snapshot, ""},
      ChainedTable{"change", "seq", Snapshot, "", kEntityParts, "entity"},
      ChainedTable{"frame", "seq", Snapshot, "", kEntityParts, "entity"},
      ChainedTable{"sample", "seq", Snapshot, "socket"},
      ChainedTable{kDigest, "block", Snapshot, "", kFacetParts, "facet"},
      ChainedTable{"prune", "record", Record, ""},
      ChainedTable{"hold", "record", Record, ""},
      ChainedTable{"hold_end", "record", Record, ""},
      ChainedTable{"thin", "record", Record, ""},
      ChainedTable{"thin_span", "record", Record, "first_seq"},
  };
}();

}  // namespace

std::span<const ChainedTable> chained_tables() {
  return kTables;
}

std::uint32_t numbering_of(const ChainedTable& table, std::uint8_t part) {
  return table.name == kDigest ? kDigestNumbering + part
                               : static_cast<std::uint32_t>(table.numbering);
}

std::int64_t offset_of(const ChainedTable& table) {
  return table.name == kDigest ? 1 : 0;
}

}  // namespace sockwitness::schema
