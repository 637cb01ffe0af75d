// The findings of several snapshots, each situation once.
//
// In:    judgements, in the order of their snapshots.
// Out:   findings with the interval in which their situation was seen, gravest first.
// Never: two findings for one situation that several snapshots show, also when its processes were
//        restarted.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "query/app/judge.h"

namespace sockwitness::query {

class SituationLog {
 public:
  // Takes the findings and the failures out of the judgement. Until `lasts` nothing changes where
  // something listens: what a socket showed it shows until then, or until it is gone.
  void add(Judgement& judgement, std::optional<schema::WallTime> lasts = std::nullopt);

  [[nodiscard]] std::vector<Finding> take();
  // Of each rule the first one.
  [[nodiscard]] const std::vector<RuleFailure>& failures() const { return failures_; }
  [[nodiscard]] std::uint32_t snapshots() const { return snapshots_; }
  // By the key of a situation, the last snapshot that shows it.
  [[nodiscard]] const std::map<std::string, schema::Seq>& last_seen() const { return last_seen_; }

 private:
  [[nodiscard]] std::string find_key(const Finding& finding,
                                     const std::set<std::string>& taken) const;

  // As the latest snapshot that has it shows it.
  std::map<std::string, Finding> situations_;
  std::map<std::string, schema::Seq> last_seen_;
  std::vector<RuleFailure> failures_;
  std::uint32_t snapshots_ = 0;
};

}  // namespace sockwitness::query
