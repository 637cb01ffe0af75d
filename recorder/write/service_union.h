// All services of a range of snapshots, each once, with how often it was there.
//
// In:    the services of each snapshot, in order.
// Out:   one set; owners as the last snapshot that had the service shows them.
// Never: calls a place looked at that no snapshot looked at.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "schema/model/service.h"

namespace sockwitness::recorder {

class ServiceUnion {
 public:
  void add(schema::Seq seq, const schema::ServiceSet& set);

  // Leaves out services that were there in less than so many of a hundred snapshots. Empties this.
  [[nodiscard]] schema::ServiceSet take(std::uint32_t least_share_percent);

  [[nodiscard]] std::uint32_t snapshots() const { return snapshots_; }
  // After take().
  [[nodiscard]] std::uint32_t left_out() const { return left_out_; }

 private:
  // A gap and the label of its namespace, which has no number outside its snapshot.
  using Hidden = std::pair<schema::Gap, std::string>;

  std::map<schema::Endpoint, schema::Service> services_;
  std::map<std::string, schema::Netns> namespaces_;
  std::map<Hidden, std::uint32_t> gaps_;  // in how many snapshots
  schema::WallTime as_of_;
  std::uint32_t snapshots_ = 0;
  std::uint32_t left_out_ = 0;
};

}  // namespace sockwitness::recorder
