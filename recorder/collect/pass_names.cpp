// What a Pass says at its end of namespaces, users and registrations, once all processes are known.
#include <algorithm>
#include <cerrno>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "recorder/collect/labels.h"
#include "recorder/collect/pass.h"
#include "schema/model/same_boot.h"

namespace sockwitness::recorder {

using schema::Gap;
using schema::GapReason;
using schema::GapSource;
using schema::NetnsIndex;

// Namespaces that were found late had processes before.
void Pass::place_processes() {
  bool lost = false;
  for (std::size_t at = 0; at < homes_.size(); ++at) {
    schema::Process& process = snapshot_.processes[at];
    process.netns = find_namespace(homes_[at]);
    lost = lost || (!process.netns && process.unread.contains(schema::Part::Namespaces));
  }
  const bool told = std::any_of(snapshot_.gaps.begin(), snapshot_.gaps.end(), [](const Gap& gap) {
    return gap.source == GapSource::Namespace && !gap.netns;
  });
  if (lost && !told) {
    add_gaps({{GapSource::Namespace, GapReason::Failed, {}, {}, schema::GapPart::Namespaces}},
             std::nullopt);
  }
}

// Each container is asked for once.
void Pass::name_containers() {
  std::map<std::string, ContainerQuestion> by_name;
  for (const schema::Process& process : snapshot_.processes) {
    if (!process.container.empty()) {
      by_name.try_emplace(process.container, ContainerQuestion{process.container, process.cgroup});
    }
  }
  if (!earlier_.deep && earlier_.previous != nullptr &&
      schema::is_same_boot(*earlier_.previous, snapshot_)) {
    for (const schema::Process& process : earlier_.previous->processes) {
      const auto known = by_name.find(process.container);
      if (known != by_name.end()) {
        known->second.known = process.container_facts;
        known->second.known_at = earlier_.previous->begin.wall;
      }
    }
  }
  std::vector<ContainerQuestion> questions;
  for (auto& [id, question] : by_name) {
    questions.push_back(std::move(question));
  }
  if (questions.empty()) {
    return;
  }
  const std::vector<ContainerAnswer> answers = sources_.host.read_containers(questions);
  std::map<std::string_view, const ContainerAnswer*> by_id;
  // What keeps one from being read often keeps all of them: one gap, with the first of their ids.
  std::map<std::pair<GapReason, int>, Gap> gaps;
  for (std::size_t at = 0; at < questions.size(); ++at) {
    by_id.emplace(questions[at].id, &answers[at]);
    if (answers[at].gap) {
      unread_containers_.insert(questions[at].id);
      Gap gap = *answers[at].gap;
      const auto [known, is_new] = gaps.try_emplace(std::pair(gap.reason, gap.error_number), gap);
      known->second.count += is_new ? 0 : 1;
    }
  }
  for (auto& [why, gap] : gaps) {
    add_gaps({std::move(gap)}, std::nullopt);
  }
  for (schema::Process& process : snapshot_.processes) {
    if (!process.container.empty()) {
      process.container_facts = by_id.at(process.container)->facts;
    }
  }
}

// Some container in it has a name that could not be read.
bool Pass::may_misname(NetnsIndex netns) const {
  return !unread_containers_.empty() &&
         std::any_of(snapshot_.processes.begin(),
                     snapshot_.processes.end(),
                     [&](const schema::Process& process) {
                       return process.netns == netns &&
                              unread_containers_.contains(process.container);
                     });
}

// Who did not answer, and listens all the same, is no rpcbind that does not run.
void Pass::check_rpcbind() {
  const bool asked = !snapshot_.registrations.empty() ||
                     std::any_of(snapshot_.gaps.begin(), snapshot_.gaps.end(), [](const Gap& gap) {
                       return gap.source == GapSource::Registrations;
                     });
  const bool listens = std::any_of(
      snapshot_.sockets.begin(), snapshot_.sockets.end(), [&](const schema::Socket& socket) {
        return socket.state == schema::SocketState::Listen && own_ &&
               find_namespace(own_->inode) == socket.netns &&
               (socket.name == "/run/rpcbind.sock" || socket.name == "/var/run/rpcbind.sock");
      });
  if (listens && !asked) {
    add_gaps({{GapSource::Registrations,
               GapReason::Failed,
               {},
               {},
               schema::GapPart::Rpcbind,
               ECONNREFUSED}},
             std::nullopt);
  }
}

// Whether what its label rests on could not be read.
bool Pass::may_mislabel(NetnsIndex netns) const {
  const bool by_process = std::any_of(
      snapshot_.processes.begin(), snapshot_.processes.end(), [&](const schema::Process& process) {
        return process.unread.contains(process.netns ? schema::Part::ControlGroup
                                                     : schema::Part::Namespaces) &&
               process.netns.value_or(netns) == netns;
      });
  return by_process ||
         std::any_of(snapshot_.gaps.begin(), snapshot_.gaps.end(), [](const Gap& gap) {
           return (gap.source == GapSource::Namespace && !gap.netns) ||
                  gap.source == GapSource::Process ||
                  (gap.source == GapSource::ProcessList && gap.reason != GapReason::NotSupported);
         });
}

void Pass::label() {
  const auto labels = label_namespaces(handles_, snapshot_.processes);
  std::map<schema::Inode, std::string_view> known;
  if (earlier_.previous != nullptr && schema::is_same_boot(*earlier_.previous, snapshot_)) {
    for (const schema::Netns& netns : earlier_.previous->namespaces) {
      known.emplace(netns.inode, netns.label);
    }
  }
  std::set<std::string> taken;
  bool lost = false;
  for (std::uint32_t at = 0; at < labels.size(); ++at) {
    schema::Netns& netns = snapshot_.namespaces[at];
    const auto before = known.find(netns.inode);
    netns.label = labels[at];
    const bool unsure = may_mislabel(NetnsIndex(at));
    const bool named = handles_[at].host || !handles_[at].name.empty();
    if ((unsure || may_misname(NetnsIndex(at))) && before != known.end()) {
      netns.label = before->second;
    } else if (unsure && !named) {
      // What some of its processes say may be belied by those that could not be read.
      netns.label = fmt::format("netns {}", netns.inode.value());
      lost = true;
    }
    if (!taken.insert(netns.label).second) {
      netns.label = fmt::format("{} (netns {})", netns.label, netns.inode.value());
    }
  }
  if (lost) {
    add_gaps({{GapSource::Namespace, GapReason::Failed, {}, {}, schema::GapPart::Label}},
             std::nullopt);
  }
}

// Which namespace a port leads to: the one other that has the address.
void Pass::name_targets() {
  for (schema::Socket& socket : snapshot_.sockets) {
    const auto found =
        schema::is_forward(socket) ? addresses_.find(socket.remote_address) : addresses_.end();
    if (found != addresses_.end() && found->second.size() == 1 &&
        *found->second.begin() != socket.netns) {
      socket.target = snapshot_.namespaces[found->second.begin()->value()].label;
    }
  }
}

void Pass::name() {
  std::unordered_set<schema::Uid> uids;
  std::unordered_set<schema::Gid> gids;
  for (const schema::Process& process : snapshot_.processes) {
    uids.insert({process.real_uid, process.effective_uid});
    if (process.login_uid) {
      uids.insert(*process.login_uid);
    }
    gids.insert({process.real_gid, process.effective_gid});
  }
  for (const schema::Socket& socket : snapshot_.sockets) {
    if (socket.uid) {
      uids.insert(*socket.uid);
    }
  }
  uids.erase(schema::kNoUid);
  gids.erase(schema::kNoGid);
  std::vector<Gap> gaps;
  snapshot_.users = sources_.host.read_users(gaps);
  std::erase_if(snapshot_.users,
                [&](const schema::UserName& user) { return !uids.contains(user.uid); });
  snapshot_.groups = sources_.host.read_groups(gaps);
  std::erase_if(snapshot_.groups,
                [&](const schema::GroupName& group) { return !gids.contains(group.gid); });
  add_gaps(std::move(gaps), std::nullopt);
}

}  // namespace sockwitness::recorder
