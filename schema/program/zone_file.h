// One time zone, as the zone database has it.
//
// In:    the bytes of a file in TZif, RFC 8536: transitions, and a rule for the time after them.
// Out:   the offset from UTC at an instant; the transitions around one.
// Never: reads a file; takes one with leap seconds, for the times of the record have none.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "schema/program/zone_rule.h"

namespace sockwitness::schema {

struct ZoneChange {
  std::int64_t at = 0;      // seconds since 1970-01-01 00:00 UTC
  std::int64_t before = 0;  // offset in seconds east of UTC
  std::int64_t after = 0;

  friend bool operator==(const ZoneChange&, const ZoneChange&) = default;
};

class ZoneFile {
 public:
  // Nothing for what is no such file, or is damaged.
  [[nodiscard]] static std::optional<ZoneFile> parse(std::string_view bytes);
  // The same offset at all times.
  [[nodiscard]] static ZoneFile fixed(std::int64_t offset);

  [[nodiscard]] std::int64_t offset_at(std::int64_t seconds) const;
  // From `begin` to `end`, both included, in order; those that change nothing are left out.
  [[nodiscard]] std::vector<ZoneChange> changes(std::int64_t begin, std::int64_t end) const;

 private:
  std::int64_t first_offset_ = 0;
  std::vector<ZoneChange> changes_;
  std::optional<ZoneRule> rule_;  // after the last of them
};

}  // namespace sockwitness::schema
