#include "query/analysis/situation.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

#include "query/analysis/owners.h"
#include "schema/model/snapshot.h"
#include "schema/model/socket.h"
#include "schema/view/blind_spot.h"
#include "schema/view/container_identity.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

using schema::ProcessIndex;

// Below it a match is context: it tells more about a situation, it does not make one of two.
constexpr Severity kJoining = Severity::Medium;
constexpr std::size_t kNearAncestors = 3;

// Disjoint sets of positions.
class Sets {
 public:
  explicit Sets(std::size_t size) : parents_(size) {
    std::iota(parents_.begin(), parents_.end(), std::size_t{0});
  }
  std::size_t find(std::size_t at) {
    while (parents_[at] != at) {
      parents_[at] = parents_[parents_[at]];
      at = parents_[at];
    }
    return at;
  }
  void join(std::size_t left, std::size_t right) { parents_[find(left)] = find(right); }

 private:
  std::vector<std::size_t> parents_;
};

std::vector<ProcessIndex> processes_of(const Match& match) {
  std::vector<ProcessIndex> processes;
  for (const auto& process : {match.process, match.partner}) {
    if (process) {
      processes.push_back(*process);
    }
  }
  return processes;
}

// Pid 1 is everybody's ancestor and says nothing about a chain.
std::vector<ProcessIndex> near_ancestors(const HostView& host, ProcessIndex process) {
  auto chain = host.ancestry().ancestors(host.view().process(process));
  if (!chain.empty() && host.view().process(chain.back()).pid == schema::Pid(1)) {
    chain.pop_back();
  }
  chain.resize(std::min(chain.size(), kNearAncestors));
  return chain;
}

// Which of the joining matches a process or a socket belongs to.
class Places {
 public:
  void add(const Match& match, std::size_t at) {
    if (match.process) {
      by_process_[*match.process].push_back(at);
    }
    if (match.partner) {
      by_partner_[*match.partner].push_back(at);
    }
    if (match.socket) {
      by_socket_[*match.socket].push_back(at);
    }
  }

  // Those that are about the same process or socket, about the one at its other end, or about an
  // ancestor close by; of several about one thing the first stands for all. To talk to the same
  // process joins nothing: a server has many children.
  [[nodiscard]] std::set<std::size_t> related(const HostView& host,
                                              const Match& match,
                                              std::optional<std::size_t> at = {}) const {
    std::set<std::size_t> found;
    const auto take = [&](const auto& places, const auto& key) {
      if (const auto place = places.find(key); place != places.end()) {
        found.insert(place->second.front());
      }
    };
    if (match.socket) {
      take(by_socket_, *match.socket);
    }
    if (match.partner) {
      take(by_process_, *match.partner);
    }
    if (!match.process) {
      return found;
    }
    take(by_process_, *match.process);
    // What is joined to the first about a process is joined to all.
    if (at && !found.contains(*at)) {
      return found;
    }
    for (const ProcessIndex ancestor : near_ancestors(host, *match.process)) {
      take(by_process_, ancestor);
    }
    if (const auto place = by_partner_.find(*match.process); place != by_partner_.end()) {
      found.insert(place->second.begin(), place->second.end());
    }
    return found;
  }

 private:
  std::map<ProcessIndex, std::vector<std::size_t>> by_process_;
  std::map<ProcessIndex, std::vector<std::size_t>> by_partner_;
  std::map<schema::SocketIndex, std::vector<std::size_t>> by_socket_;
};

// Equal for processes of one kind: the same program and script, of the same user, in the same
// place.
std::string key_of_process(const HostView& host, ProcessIndex index) {
  const schema::Process& process = host.view().process(index);
  const schema::Program* program = host.view().program(process);
  std::string key;
  for (const std::string_view part :
       {program == nullptr ? std::string_view(process.name) : std::string_view(program->path),
        std::string_view(process.script),
        std::string_view(process.unit),
        std::string_view(process.container)}) {
    key.append(part).push_back('\0');
  }
  return key + std::to_string(process.effective_uid.value());
}

std::string key_of_socket(const Match& match) {
  return "socket " + std::to_string(match.socket.value_or(schema::SocketIndex(0)).value());
}

// Equal for sockets that lead to the same place: the port that is served or was asked for, and
// whose it is at the other end.
std::string key_of_end(const HostView& host, schema::SocketIndex index) {
  const schema::Socket& socket = host.view().socket(index);
  const auto port = host.meaningful_port(index);
  std::string key(schema::protocol_name(socket.protocol));
  for (const std::string& part :
       {std::string(host.view().netns_label(socket.netns)),
        port ? std::to_string(port->value()) : socket.name,
        schema::is_connected(socket) ? socket.remote_address.text() : std::string()}) {
    key.append(1, '\0').append(part);
  }
  return key;
}

// Equal for the children of one parent that run the same program, that one rule is about, and whose
// sockets lead to the same place.
std::optional<std::string> sibling_key(const HostView& host, const Match& match) {
  const auto parent =
      match.process ? host.ancestry().parent(host.view().process(*match.process)) : std::nullopt;
  if (!parent || host.view().process(*parent).pid == schema::Pid(1)) {
    return std::nullopt;
  }
  return match.rule->id + '\0' + std::to_string(parent->value()) + '\0' +
         key_of_process(host, *match.process) + '\0' +
         (match.socket ? key_of_end(host, *match.socket) : std::string());
}

using Groups = std::vector<std::vector<std::size_t>>;

// Sorts the positions of matches into groups. A match of low weight may belong to several.
class Grouping {
 public:
  Grouping(const HostView& host, const std::vector<Match>& matches)
      : host_(host), matches_(matches), sets_(matches.size()) {
    for (std::size_t at = 0; at < matches.size(); ++at) {
      if (is_joining(at)) {
        places_.add(matches[at], at);
      }
    }
    std::map<std::string, std::size_t> siblings;
    for (std::size_t at = 0; at < matches.size(); ++at) {
      if (!is_joining(at)) {
        continue;
      }
      for (const std::size_t other : places_.related(host, matches[at], at)) {
        sets_.join(at, other);
      }
      if (const auto key = sibling_key(host, matches[at])) {
        sets_.join(at, siblings.try_emplace(*key, at).first->second);
      }
    }
  }

  [[nodiscard]] Groups take() {
    for (std::size_t at = 0; at < matches_.size(); ++at) {
      if (is_joining(at)) {
        groups_[sets_.find(at)].push_back(at);
      }
    }
    note_ancestors();
    for (std::size_t at = 0; at < matches_.size(); ++at) {
      if (!is_joining(at)) {
        place_context(at);
      }
    }
    Groups all;
    for (auto& [root, members] : groups_) {
      all.push_back(std::move(members));
    }
    for (auto& [place, members] : alone_) {
      all.push_back(std::move(members));
    }
    return all;
  }

 private:
  [[nodiscard]] bool is_joining(std::size_t at) const { return matches_[at].severity >= kJoining; }

  // What is said of an ancestor with low weight belongs to the situation below it.
  void note_ancestors() {
    for (const auto& [root, members] : groups_) {
      for (const std::size_t at : members) {
        for (const ProcessIndex process : processes_of(matches_[at])) {
          for (const ProcessIndex ancestor : near_ancestors(host_, process)) {
            below_[ancestor].insert(root);
          }
        }
      }
    }
  }

  void place_context(std::size_t at) {
    const Match& match = matches_[at];
    std::set<std::size_t> roots;
    for (const std::size_t other : places_.related(host_, match)) {
      roots.insert(sets_.find(other));
    }
    for (const ProcessIndex process : processes_of(match)) {
      if (const auto found = below_.find(process); found != below_.end()) {
        roots.insert(found->second.begin(), found->second.end());
      }
    }
    for (const std::size_t root : roots) {
      groups_[root].push_back(at);
    }
    if (roots.empty()) {
      alone_[match.process ? key_of_process(host_, *match.process) : key_of_socket(match)]
          .push_back(at);
    }
  }

  const HostView& host_;
  const std::vector<Match>& matches_;
  Sets sets_;
  Places places_;
  std::map<std::size_t, std::vector<std::size_t>> groups_;  // by the root of their set
  std::map<ProcessIndex, std::set<std::size_t>> below_;
  std::map<std::string, std::vector<std::size_t>> alone_;  // by what their processes have in common
};

// What is not accepted comes first, as long as it has weight: context alone does not undo an
// acceptance.
int rank(const Match& match) {
  return (match.severity >= kJoining ? 0 : 2) + (match.accepted() ? 1 : 0);
}

// Of equals the gravest first, then the youngest process: it is what the others led to. What a
// process does by itself comes before what it has to do with another. Then whatever gives a fixed
// order.
auto match_order(const HostView& host, const Match& match) {
  const schema::Process* process = match.process ? &host.view().process(*match.process) : nullptr;
  return std::tuple(rank(match),
                    -static_cast<int>(match.severity),
                    process == nullptr ? 0 : -process->start.nanoseconds,
                    process == nullptr ? schema::Pid(0) : process->pid,
                    match.partner.has_value(),
                    std::string_view(match.rule->id),
                    match.socket.value_or(schema::SocketIndex(0)),
                    std::string_view(match.why));
}

std::optional<ObservedInterval> interval_of(const HostView& host, const Match& match) {
  const auto seen = match.socket ? host.seen(*match.socket) : std::nullopt;
  return seen ? std::optional(ObservedInterval{seen->first, seen->last, 1}) : std::nullopt;
}

}  // namespace

std::string situation_key(const HostView& host, const Match& match) {
  const schema::SnapshotView& view = host.view();
  std::string key = match.rule->id;
  const auto add = [&](std::string_view part) {
    key += '\0';
    key += part;
  };
  if (match.process) {
    const schema::Process& process = view.process(*match.process);
    const schema::Program* program = view.program(process);
    add(program == nullptr ? process.name : program->path);
    add(process.script);
    add(std::to_string(process.effective_uid.value()));
    add(process.container.empty()
            ? stable_unit(process.unit)
            : schema::container_identity(process.container, process.container_facts));
  }
  if (match.socket) {
    add(key_of_end(host, *match.socket));
  }
  return key;
}

bool is_doubtful(const Finding& finding) {
  const schema::Snapshot& snapshot = finding.judged->snapshot();
  const auto& process = finding.lead().process;
  return (process && !snapshot.processes[process->value()].unread.empty()) ||
         std::any_of(snapshot.gaps.begin(), snapshot.gaps.end(), [](const schema::Gap& gap) {
           return gap.reason != schema::GapReason::NotSupported &&
                  (schema::hides_sockets(gap) || schema::hides_holders(gap));
         });
}

std::vector<Finding> group_matches(const std::shared_ptr<const JudgedSnapshot>& judged,
                                   std::vector<Match> matches,
                                   std::span<const FindingAcceptance> acceptances) {
  const HostView& host = judged->host();
  const schema::WallTime at = judged->snapshot().begin.wall;
  for (Match& match : matches) {
    match.acceptance = find_acceptance(acceptances, host, match, at);
    match.expired = match.acceptance != nullptr && is_expired(*match.acceptance, at);
  }
  const auto comes_first = [&](const Match& left, const Match& right) {
    return match_order(host, left) < match_order(host, right);
  };
  std::vector<Finding> findings;
  for (const auto& members : Grouping(host, matches).take()) {
    Finding finding{judged, {}, {}, {}};
    for (const std::size_t position : members) {
      finding.matches.push_back(matches[position]);
    }
    std::sort(finding.matches.begin(), finding.matches.end(), comes_first);
    finding.key = situation_key(host, finding.lead());
    finding.interval = interval_of(host, finding.lead());
    findings.push_back(std::move(finding));
  }
  std::sort(findings.begin(), findings.end(), [&](const Finding& left, const Finding& right) {
    return comes_first(left.lead(), right.lead());
  });
  return findings;
}

}  // namespace sockwitness::query
