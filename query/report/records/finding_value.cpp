#include "query/report/records/finding_value.h"

#include "query/analysis/acceptance.h"
#include "query/analysis/findings/ground.h"
#include "query/report/records/records.h"
#include "query/report/words/finding_words.h"
#include "schema/model/socket.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

using schema::ProcessIndex;
using schema::SocketIndex;

Value process_value(const HostView& host,
                    const std::optional<ProcessIndex>& process,
                    const std::optional<SocketIndex>& socket) {
  if (!process) {
    return {};
  }
  schema::Owner owner = schema::owner_of(host.view(), host.view().process(*process));
  if (socket) {
    for (const schema::Holder& holder : host.view().holders(*socket)) {
      if (holder.process == *process) {
        owner.fds.push_back(holder.fd);
      }
    }
  }
  return owner_value(owner);
}

Value socket_of(const HostView& host,
                const std::optional<SocketIndex>& socket,
                const PortNames& names) {
  if (!socket) {
    return {};
  }
  const ListedSocket row{
      *socket, host.view().holders(*socket), host.direction(*socket), host.seen(*socket)};
  return socket_value(host.view(), row, names);
}

// Who holds the other end, when it is on this host.
Value peer_value(const HostView& host, const std::optional<SocketIndex>& socket) {
  const auto peer = socket ? host.peers()[socket->value()] : std::nullopt;
  if (!peer) {
    return {};
  }
  Value::List holders;
  for (const schema::Holder& holder : host.view().holders(*peer)) {
    holders.push_back(holder_value(host.view(), holder));
  }
  return holders;
}

Value evidence_value(const Match& match) {
  Value::Object object;
  for (const Evidence& evidence : match.evidence) {
    object.push_back(
        {evidence.name,
         std::visit(
             [](const auto& value) -> Value {
               if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::monostate>) {
                 return {};
               } else {
                 return value;
               }
             },
             evidence.value)});
  }
  return object;
}

Value attack_value(const Rule& rule) {
  Value::List techniques;
  for (const std::string& technique : rule.attack) {
    techniques.emplace_back(technique);
  }
  return techniques;
}

Value acceptance_value(const Match& match) {
  const FindingAcceptance* acceptance = match.acceptance;
  if (acceptance == nullptr) {
    return {};
  }
  return Value::Object{
      {"reason", acceptance->reason},
      {"until", acceptance->until ? Value(date_text(*acceptance->until)) : Value()},
      {"expired", match.expired}};
}

// Where the socket of one member of a situation leads.
Value ends_value(const HostView& host, const std::optional<SocketIndex>& index) {
  if (!index) {
    return {};
  }
  const schema::Socket& socket = host.view().socket(*index);
  const bool inet = schema::is_inet(socket);
  const bool connected = schema::is_connected(socket);
  return Value::Object{
      {"protocol", schema::protocol_name(socket.protocol)},
      {"netns", host.view().netns_label(socket.netns)},
      {"local_address", inet ? Value(socket.local_address.text()) : Value()},
      {"local_port", inet ? Value(socket.local_port.value()) : Value()},
      {"remote_address", connected ? Value(socket.remote_address.text()) : Value()},
      {"remote_port", connected ? Value(socket.remote_port.value()) : Value()},
      {"inode", socket.inode.value() == 0 ? Value() : Value(socket.inode.value())}};
}

Value ground_value(const Ground& ground) {
  return Value::Object{
      {"weight", ground.weight}, {"against", ground.against}, {"words", ground.words}};
}

Value grounds_value(const std::vector<Ground>& grounds) {
  Value::List list;
  for (const Ground& ground : grounds) {
    list.push_back(ground_value(ground));
  }
  return list;
}

Value match_value(const HostView& host, const Match& match) {
  const auto pid_of = [&](const std::optional<ProcessIndex>& process) {
    return process ? Value(host.view().process(*process).pid.value()) : Value();
  };
  return Value::Object{{"rule", match.rule->id},
                       {"severity", severity_word(match.severity)},
                       {"title", match.rule->title},
                       {"why", match.why},
                       {"attack", attack_value(*match.rule)},
                       {"pid", pid_of(match.process)},
                       {"partner_pid", pid_of(match.partner)},
                       {"socket", ends_value(host, match.socket)},
                       {"evidence", evidence_value(match)},
                       {"accepted", acceptance_value(match)},
                       {"grounds", grounds_value(grounds_of(match))}};
}

Value ancestry_value(const HostView& host, const std::optional<ProcessIndex>& process) {
  Value::List ancestors;
  if (process) {
    for (const ProcessIndex ancestor : host.ancestry().ancestors(host.view().process(*process))) {
      ancestors.push_back(process_value(host, ancestor, std::nullopt));
    }
  }
  return ancestors;
}

}  // namespace

Value::Object finding_members(const Finding& finding, const PortNames& names) {
  const HostView& host = finding.host();
  const Match& match = finding.lead();
  Value::List reasons;
  for (const Match& each : finding.matches) {
    reasons.push_back(match_value(host, each));
  }
  return {{"rule", match.rule->id},
          {"severity", severity_word(match.severity)},
          {"title", match.rule->title},
          {"why", match.why},
          {"attack", attack_value(*match.rule)},
          {"socket", socket_of(host, match.socket, names)},
          {"process", process_value(host, match.process, match.socket)},
          {"evidence", evidence_value(match)},
          {"accept", acceptance_text(host, match)},
          {"accepted", acceptance_value(match)},
          {"partner", process_value(host, match.partner, match.socket)},
          {"peer", peer_value(host, match.socket)},
          {"ancestry", ancestry_value(host, match.process)},
          {"reasons", std::move(reasons)},
          {"circumstances", grounds_value(circumstances_of(finding))}};
}

}  // namespace sockwitness::query
