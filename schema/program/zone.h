// The time zone of the reader.
//
// In:    the TZ variable, or the system's zone; local times without offset.
// Out:   the instants that a local time may mean: none, one or two.
// Never: picks one of two.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "schema/base/time.h"

namespace sockwitness::schema {

struct LocalReading {
  bool exists = true;  // false: the clocks jumped over it; `instants` are both extrapolations
  std::vector<WallTime> instants;  // one; two when it is ambiguous or does not exist
};

class Zone {
 public:
  [[nodiscard]] static Zone utc();
  // "Europe/Berlin" or ":Europe/Berlin". Throws Error (Usage) for what the zone database
  // does not have: the C library would take such a zone for UTC, and the answer would be for
  // another time than meant.
  [[nodiscard]] static Zone named(const std::string& name);
  // TZ, or the system's zone; UTC when the system has none.
  [[nodiscard]] static Zone read_system();

  [[nodiscard]] const std::string& name() const { return name_; }
  // `local_seconds`: the civil time as seconds since 1970-01-01 00:00 on the same clock.
  [[nodiscard]] LocalReading resolve(std::int64_t local_seconds) const;
  [[nodiscard]] std::int64_t offset_seconds(WallTime time) const;

 private:
  struct Rules;
  Zone(std::string name, std::shared_ptr<const Rules> rules);

  std::string name_;
  std::shared_ptr<const Rules> rules_;  // never null
};

// "2026-11-23 03:30:00Z" for UTC, "2026-11-23 04:30:00+01:00" elsewhere.
[[nodiscard]] std::string format_in_zone(WallTime time, const Zone& zone);

}  // namespace sockwitness::schema
