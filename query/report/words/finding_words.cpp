#include "query/report/words/finding_words.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "query/analysis/acceptance.h"
#include "query/analysis/findings/ground.h"
#include "query/report/words/socket_words.h"
#include "schema/model/snapshot.h"
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

bool waits_at_port(const Socket& socket) {
  return schema::waits_for_peers(socket) && socket.protocol != schema::Protocol::Packet &&
         socket.protocol != schema::Protocol::Raw;
}

// "nc(78)", with its socket where that is not like the leading one.
SafeText member_text(const HostView& host, const Match& match, const Match& lead) {
  const SafeText name = process_text(host.view().process(*match.process));
  if (!match.socket || match.socket == lead.socket) {
    return name;
  }
  const SafeText ends = ends_text(host, host.view().socket(*match.socket));
  const bool same = lead.socket && waits_at_port(host.view().socket(*lead.socket)) &&
                    ends.text() == ends_text(host, host.view().socket(*lead.socket)).text();
  return same ? name : name + " at " + ends;
}

SafeText in_short(std::vector<SafeText> members) {
  if (members.size() > kLongestShown) {
    members.resize(kLongestShown, SafeText());
    members.push_back("…");
  }
  return join(members, ", ");
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
                          place_text(subject.unit, subject.container, subject.container_facts)},
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
    const SafeText verb = waits_at_port(socket) ? SafeText(" listens at ") : SafeText(" holds ");
    return holder + verb + what;
  }
  if (waits_at_port(socket) && fds.front() > schema::Fd(2)) {
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
  const HostView& host = finding.host();
  const Match& lead = finding.lead();
  std::set<ProcessIndex> told{*lead.process};
  std::vector<SafeText> members;
  for (const Match& match : finding.matches) {
    if (match.rule == lead.rule && match.process && told.insert(*match.process).second) {
      members.push_back(member_text(host, match, lead));
    }
  }
  if (members.empty()) {
    return {};
  }
  const std::size_t count = members.size();
  return SafeText::own(fmt::format("and {} more process{}: ", count, count == 1 ? "" : "es")) +
         in_short(std::move(members));
}

SafeText also_line(const Finding& finding) {
  const HostView& host = finding.host();
  const Match& lead = finding.lead();
  std::set<std::string> told{lead.rule->id};
  std::vector<SafeText> titles;
  for (const Match& first : finding.matches) {
    if (!told.insert(first.rule->id).second) {
      continue;
    }
    std::set<ProcessIndex> seen;
    std::vector<SafeText> members;
    for (const Match& match : finding.matches) {
      if (match.rule == first.rule && match.severity >= Severity::Medium && match.process &&
          match.process != lead.process && seen.insert(*match.process).second) {
        members.push_back(member_text(host, match, lead));
      }
    }
    SafeText title = SafeText::host(first.rule->title);
    if (!members.empty()) {
      title += " (" + in_short(std::move(members)) + ")";
    }
    titles.push_back(first.accepted() ? title + " (accepted)" : title);
  }
  return titles.empty() ? SafeText() : "also: " + join(titles, ", ");
}

SafeText acceptance_line(const Finding& finding) {
  const FindingAcceptance* acceptance = finding.lead().acceptance;
  if (acceptance == nullptr) {
    return {};
  }
  const std::string until = acceptance->until ? date_text(*acceptance->until) : std::string();
  const SafeText words =
      finding.lead().expired
          ? SafeText::own("counts again: its acceptance ended on " + until)
          : SafeText::own(until.empty() ? "accepted" : "accepted until " + until);
  return words + ": " + SafeText::host(acceptance->reason);
}

SafeText title_text(const Finding& finding) {
  const Rule& rule = *finding.lead().rule;
  std::vector<SafeText> techniques;
  for (const std::string& technique : rule.attack) {
    techniques.push_back(SafeText::own(technique));
  }
  const SafeText title = SafeText::host(rule.title);
  return techniques.empty() ? title : title + "  " + join(techniques, " ");
}

std::vector<SafeText> finding_lines(const Finding& finding, const ClockFace& clock) {
  const HostView& host = finding.host();
  const Match& match = finding.lead();
  std::vector<SafeText> lines;
  const auto add = [&](SafeText line) {
    if (!line.empty()) {
      lines.push_back(std::move(line));
    }
  };
  if (match.process) {
    add(chain_text(host, *match.process));
    add(others_line(finding));
  }
  if (match.socket) {
    add(socket_line(host, match, *match.socket, clock));
    add(peer_line(host, *match.socket));
  }
  add(SafeText::host(match.why));
  add(also_line(finding));
  add(SafeText::own("accept: sockwitness rules show " + match.rule->id));
  return lines;
}

std::vector<SafeText> ground_lines(const Finding& finding) {
  std::vector<SafeText> lines;
  const auto add = [&](const Ground& ground) {
    const std::string weight = ground.weight == 0 ? std::string(ground.against ? "against" : "for")
                                                  : fmt::format("{:+}", ground.weight);
    lines.push_back(SafeText::own(fmt::format("{:>7}  ", weight)) + SafeText::host(ground.words));
  };
  std::set<std::string> told;
  for (const Match& match : finding.matches) {
    const auto grounds = grounds_of(match);
    if (!told.insert(grounds.front().words).second) {
      continue;
    }
    for (const Ground& ground : grounds) {
      add(ground);
    }
  }
  for (const Ground& ground : circumstances_of(finding)) {
    add(ground);
  }
  lines.push_back(SafeText::own(fmt::format("      = {}, of the gravest: {}",
                                            static_cast<int>(finding.severity()),
                                            severity_word(finding.severity()))));
  return lines;
}

std::string date_text(std::chrono::year_month_day date) {
  return fmt::format("{:04}-{:02}-{:02}",
                     static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

}  // namespace sockwitness::query
