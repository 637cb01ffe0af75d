// A named set of services: what is expected.
//
// In:    made by the recorder from one snapshot or from a range of them; accepted services are
//        added.
// Out:   plain values; it keeps its services when snapshots are pruned.
// Never: changed: adding to it and dropping it are records of their own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "schema/model/service.h"

namespace sockwitness::schema {

// The user who asked the recorder for something, as that host knew them.
struct Author {
  Uid uid;                                // effective
  std::string user;                       // its name, or the number
  std::optional<std::string> login_user;  // the user who had logged in, also behind sudo

  friend bool operator==(const Author&, const Author&) = default;
};

struct BaselineInfo {
  std::int64_t record = 0;  // its link of the chain
  std::string name;
  Seq first;  // snapshots that it was made from
  Seq last;
  std::uint32_t snapshots = 0;
  WallTime began;  // of the first one
  WallTime ended;  // of the last one
  std::string host_name;
  std::uint32_t least_share_percent = 0;  // services seen in fewer of the snapshots were left out
  std::uint32_t left_out = 0;
  std::string note;
  WallTime made_at;
  Author author;
  std::uint32_t services = 0;
  std::uint32_t accepted = 0;  // added by hand afterwards
};

struct Baseline {
  BaselineInfo info;
  ServiceSet set;
};

}  // namespace sockwitness::schema
