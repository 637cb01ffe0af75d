// One situation that rules found on one snapshot.
//
// In:    the matches of rules on one chain of processes, and the snapshot.
// Out:   what every output format is made from, on request.
// Never: rendered; it keeps the snapshot that its matches refer to, but not the rules, the engine
//        and the acceptances, which outlive it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "query/analysis/findings/host_view.h"
#include "query/analysis/findings/match.h"
#include "schema/model/snapshot.h"

namespace sockwitness::query {

class JudgedSnapshot {
 public:
  // `lifetimes` is parallel to the sockets, or empty.
  JudgedSnapshot(schema::Snapshot snapshot, std::vector<schema::Seen> lifetimes)
      : snapshot_(std::move(snapshot)),
        lifetimes_(std::move(lifetimes)),
        host_(snapshot_, lifetimes_) {}
  JudgedSnapshot(const JudgedSnapshot&) = delete;
  JudgedSnapshot& operator=(const JudgedSnapshot&) = delete;

  [[nodiscard]] const schema::Snapshot& snapshot() const { return snapshot_; }
  [[nodiscard]] const HostView& host() const { return host_; }

 private:
  schema::Snapshot snapshot_;
  std::vector<schema::Seen> lifetimes_;
  HostView host_;
};

struct ObservedInterval {
  schema::WallTime first;
  schema::WallTime last;
  std::uint32_t snapshots = 1;  // that showed it, of those that were judged
};

struct Finding {
  std::shared_ptr<const JudgedSnapshot> judged;  // not null
  // The first one leads: the gravest that is not accepted, or the gravest of all.
  std::vector<Match> matches;
  // Equal for the same situation in other snapshots: the rule, the program and its script, the
  // user, the unit or container, the port and the peer. No pid and no inode, so that it outlives
  // restarts.
  std::string key;
  std::optional<ObservedInterval> interval;  // nothing: not known

  [[nodiscard]] const HostView& host() const { return judged->host(); }
  [[nodiscard]] const Match& lead() const { return matches.front(); }
  [[nodiscard]] Severity severity() const { return lead().severity; }
  [[nodiscard]] bool accepted() const { return lead().accepted(); }
};

}  // namespace sockwitness::query
