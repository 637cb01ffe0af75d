#include "query/report/finding_words.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "query/report/socket_words.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

using schema::ProcessIndex;
using schema::Socket;
using schema::SocketIndex;

// More would not fit into a line, and tells no more.
constexpr std::size_t kLongestShown = 6;

SafeText fd_text(schema::Fd fd) {
  constexpr std::array<std::string_view, 3> kStandard{"stdin", "stdout", "stderr"};
  const auto number = static_cast<std::size_t>(fd.value());
  return SafeText::own(number < kStandard.size() ? std::string(kStandard[number])
                                                 : fmt::format("descriptor {}", fd.value()));
}

// Ascending descriptors of one process that lead to the socket.
std::vector<schema::Fd> fds_of(const HostView& host, ProcessIndex process, SocketIndex socket) {
  std::vector<schema::Fd> fds;
  for (const schema::Holder& holder : host.view().holders(socket)) {
    if (holder.process == process) {
      fds.push_back(holder.fd);
    }
  }
  std::sort(fds.begin(), fds.end());
  return fds;
}

SafeText ends_text(const HostView& host, const Socket& socket) {
  SafeText text = SafeText::own(schema::protocol_name(socket.protocol)) + " " + local_text(socket);
  const SafeText remote = remote_text(socket);
  if (!remote.empty()) {
    text += " → " + remote;
  }
  const auto label = host.view().netns_label(socket.netns);
  return label == "host" ? text : text + " in " + SafeText::host(label);
}

SafeText circumstances(const HostView& host, SocketIndex index, const ClockFace& clock) {
  std::vector<SafeText> parts;
  if (const auto direction = host.direction(index)) {
    parts.push_back(SafeText::own(schema::way_word(direction->way)));
  }
  const Socket& socket = host.view().socket(index);
  if (schema::is_connected(socket) && socket.state != schema::SocketState::Established) {
    parts.push_back(SafeText::own(schema::state_name(socket.state)));
  }
  if (const auto seen = host.seen(index)) {
    parts.push_back(seen->first == host.view().snapshot().begin.wall
                        ? SafeText("first seen here")
                        : SafeText::own("since " + clock(seen->first)));
  }
  return parts.empty() ? SafeText() : " (" + join(parts, ", ") + ")";
}

bool waits(const Socket& socket) {
  return schema::waits_for_peers(socket) && socket.protocol != schema::Protocol::Packet &&
         socket.protocol != schema::Protocol::Raw;
}

}  // namespace

std::vector<ProcessIndex> chain_of(const HostView& host, ProcessIndex process) {
  const schema::SnapshotView& view = host.view();
  std::vector<ProcessIndex> chain{process};
  for (const ProcessIndex ancestor : host.ancestry().ancestors(view.process(process))) {
    if (view.process(ancestor).pid != schema::Pid(1)) {
      chain.push_back(ancestor);
    }
  }
  return chain;
}

SafeText chain_text(const HostView& host, ProcessIndex process) {
  const schema::SnapshotView& view = host.view();
  const auto chain = chain_of(host, process);
  std::vector<SafeText> names;
  for (const ProcessIndex each : chain) {
    if (names.size() == kLongestShown) {
      names.push_back("…");
      break;
    }
    names.push_back(process_text(view.process(each)));
  }
  const schema::Process& subject = view.process(process);
  return join(std::vector{join(names, " ← "),
                          user_text(view, subject.effective_uid),
                          place_text(subject.unit, subject.container)},
              ", ");
}

SafeText socket_line(const HostView& host,
                     const Match& match,
                     SocketIndex index,
                     const ClockFace& clock) {
  const schema::SnapshotView& view = host.view();
  const Socket& socket = view.socket(index);
  const SafeText what = ends_text(host, socket) + circumstances(host, index, clock);
  if (!match.process) {
    return what;
  }
  const auto fds = fds_of(host, *match.process, index);
  if (fds.empty()) {
    const auto holders = view.holders(index);
    const SafeText holder =
        holders.empty() ? SafeText("nobody") : process_text(view.process(holders.front().process));
    const SafeText verb = waits(socket) ? SafeText(" listens at ") : SafeText(" holds ");
    return holder + verb + what;
  }
  if (waits(socket) && fds.front() > schema::Fd(2)) {
    return "listens at " + what;
  }
  std::vector<SafeText> names;
  for (const schema::Fd fd : fds) {
    names.push_back(fd_text(fd));
  }
  const SafeText verb = fds.size() == 1 ? SafeText(" is ") : SafeText(" are ");
  return join(names, ", ") + verb + what;
}

SafeText peer_line(const HostView& host, SocketIndex index) {
  const auto& peer = host.peers()[index.value()];
  if (!peer) {
    return {};
  }
  const schema::SnapshotView& view = host.view();
  const auto holders = view.holders(*peer);
  if (holders.empty()) {
    return "the other end is on this host: " + no_holder_text(view.socket(*peer).no_holder);
  }
  const schema::Process& process = view.process(holders.front().process);
  return "the other end is " + process_text(process) + ", " +
         user_text(view, process.effective_uid);
}

SafeText others_line(const Finding& finding) {
  std::set<ProcessIndex> processes;
  for (const Reason& reason : finding.reasons) {
    if (reason.match.rule == finding.lead().match.rule && reason.match.process) {
      processes.insert(*reason.match.process);
    }
  }
  if (processes.size() < 2) {
    return {};
  }
  const std::size_t others = processes.size() - 1;
  return SafeText::own(fmt::format("and {} more process{}", others, others == 1 ? "" : "es"));
}

SafeText also_line(const Finding& finding) {
  std::set<std::string> told{finding.lead().match.rule->id};
  std::vector<SafeText> titles;
  for (const Reason& reason : finding.reasons) {
    if (told.insert(reason.match.rule->id).second) {
      const SafeText title = SafeText::host(reason.match.rule->title);
      titles.push_back(reason.accepted() ? title + " (accepted)" : title);
    }
  }
  return titles.empty() ? SafeText() : "also: " + join(titles, ", ");
}

}  // namespace sockwitness::query
