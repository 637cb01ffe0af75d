#include "query/report/records/records.h"

#include <fmt/format.h>

#include "query/report/records/line_members.h"
#include "query/report/words/host_words.h"
#include "schema/base/escape.h"
#include "schema/model/snapshot.h"
#include "schema/view/container_identity.h"
#include "schema/view/forwards.h"
#include "schema/view/local_addresses.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

using schema::Family;
using schema::Holder;
using schema::Socket;

Value user_value(const schema::SnapshotView& view, schema::Uid uid) {
  const auto name = view.user_name(uid);
  return name ? Value(*name) : Value(std::to_string(uid.value()));
}

// A path that begins with '@' and an abstract name look the same; the bytes decide.
void add_path(Value::Object& object, Family family, const std::string& name) {
  if (family != Family::Unix || name.empty()) {
    object.push_back({"path", {}});
    return;
  }
  const bool abstract = name.front() == '\0';
  const std::string shown = abstract ? "@" + name.substr(1) : name;
  const bool plain = schema::is_utf8(shown) && shown.find('\0') == std::string::npos;
  object.push_back({"path", schema::json_text(shown)});
  if (!plain || (!abstract && name.front() == '@')) {
    object.push_back({"path_b64", schema::base64(name)});
  }
}

bool has_ids(const schema::Owner& owner) {
  return !owner.unread.contains(schema::Part::Ids);
}

// Keys that only named containers have.
void add_container(Value::Object& object, const std::optional<schema::ContainerFacts>& facts) {
  if (!facts) {
    return;
  }
  object.push_back({"container_name", text_or_null(schema::container_name(facts))});
  object.push_back({"container_image", text_or_null(facts->image)});
  object.push_back({"container_engine", schema::container_engine_word(facts->engine)});
  for (const auto& [key, text] : {std::pair("compose_project", &facts->project),
                                  std::pair("compose_service", &facts->service),
                                  std::pair("pod", &facts->pod),
                                  std::pair("pod_namespace", &facts->pod_namespace),
                                  std::pair("pod_container", &facts->pod_container)}) {
    if (!text->empty()) {
      object.push_back({key, *text});
    }
  }
}

void add_program(Value::Object& object, const schema::Owner& owner) {
  const schema::Program* program = owner.program ? &*owner.program : nullptr;
  const bool hashed = program != nullptr && !program->sha256.empty();
  object.push_back({"program", program == nullptr ? Value() : text_or_null(program->path)});
  object.push_back({"script", text_or_null(owner.script)});
  add_command_line(object, owner.command_line, owner.long_line);
  object.push_back({"title", text_or_null(owner.title)});
  object.push_back({"user", has_ids(owner) ? Value(owner.user) : Value()});
  object.push_back({"unit", text_or_null(owner.unit)});
  object.push_back({"container", text_or_null(owner.container)});
  add_container(object, owner.container_facts);
  object.push_back({"started_at", owner.started_at ? time_value(*owner.started_at) : Value()});
  object.push_back({"sha256", hashed ? Value(schema::hex(program->sha256)) : Value()});
  object.push_back({"package", program == nullptr ? Value() : text_or_null(program->package)});
  object.push_back({"package_state",
                    program == nullptr ? Value() : Value(schema::verdict_word(program->verdict))});
  object.push_back({"file_state",
                    program == nullptr ? Value() : Value(schema::file_state_word(program->state))});
}

// Of a port that a NAT rule leads elsewhere.
void add_forward(Value::Object& object, const Socket& socket) {
  const auto last = [](schema::Port port) {
    return port == schema::Port(0) ? Value() : Value(port.value());
  };
  object.push_back({"forward", socket.name});
  object.push_back({"forwards_to", schema::lead_text(socket)});
  object.push_back({"local_last_port", last(socket.local_last)});
  object.push_back({"remote_last_port", last(socket.remote_last)});
  object.push_back({"target_netns", text_or_null(socket.target)});
  object.push_back({"rule", text_or_null(socket.rule)});
}

// Keys that only some families have.
void add_extras(Value::Object& object, const Socket& socket) {
  if (socket.family == Family::Packet) {
    object.push_back({"interface", text_or_null(socket.interface_name)});
    object.push_back({"ethertype", socket.number});
    object.push_back({"filter_length", socket.filter_length});
    object.push_back(
        {"filter_sha256",
         socket.filter_sha256.empty() ? Value() : Value(schema::hex(socket.filter_sha256))});
    object.push_back({"promiscuous", socket.promiscuous});
  } else if (socket.family == Family::Netlink) {
    object.push_back({"netlink_protocol", socket.number});
    object.push_back({"port_id", socket.port_id});
  } else if (socket.family == Family::Vsock) {
    object.push_back({"vsock_local", text_or_null(socket.name)});
    object.push_back({"vsock_remote", text_or_null(socket.remote_name)});
  } else if (socket.family == Family::Unix) {
    object.push_back(
        {"peer_inode", socket.peer.value() == 0 ? Value() : Value(socket.peer.value())});
  } else if (schema::is_inet(socket)) {
    object.push_back({"interface", text_or_null(socket.interface_name)});
    object.push_back({"v6only", socket.v6only});
    if (socket.protocol == schema::Protocol::Sctp) {
      Value::List addresses;
      for (const schema::IpAddress& address : schema::local_addresses(socket)) {
        addresses.push_back(address.text());
      }
      object.push_back({"local_addresses", std::move(addresses)});
    }
    if (schema::is_forward(socket)) {
      add_forward(object, socket);
    }
  }
}

}  // namespace

Value time_value(schema::WallTime time) {
  return schema::format_utc_micros(time);
}

Value owner_value(const schema::Owner& owner) {
  Value::Object object{{"pid", owner.pid ? Value(owner.pid->value()) : Value()},
                       {"fd", owner.fds.empty() ? Value() : Value(owner.fds.front().value())},
                       {"name", owner.name}};
  add_program(object, owner);
  object.push_back({"uid", has_ids(owner) ? Value(owner.uid.value()) : Value()});
  object.push_back({"parent", owner.parent ? Value(owner.parent->value()) : Value()});
  object.push_back({"recorder", owner.recorder});
  if (!owner.forwards_to.empty()) {
    object.push_back({"forwards_to", owner.forwards_to});
  }
  if (!owner.unread.empty()) {
    Value::List unread;
    for (const std::string_view word : schema::part_words(owner.unread)) {
      unread.push_back(word);
    }
    object.push_back({"unread", std::move(unread)});
  }
  return object;
}

Value holder_value(const schema::SnapshotView& view, const Holder& holder) {
  schema::Owner owner = schema::owner_of(view, view.process(holder.process));
  owner.fds = {holder.fd};
  const Value value = owner_value(owner);
  if (!view.process(holder.process).masked) {
    return value;
  }
  Value::Object object = *std::get<Value::SharedObject>(value.content());
  object.push_back({"arguments_masked", true});
  return object;
}

Value socket_value(const schema::SnapshotView& view,
                   const ListedSocket& row,
                   const PortNames& names) {
  const Socket& socket = view.socket(row.index);
  const bool inet = schema::is_inet(socket);
  const bool listens = socket.state == schema::SocketState::Listen;
  Value::Object object{{"protocol", schema::protocol_name(socket.protocol)},
                       {"family", schema::family_name(socket.family)},
                       {"state", schema::state_name(socket.state)},
                       {"local_address", inet ? Value(socket.local_address.text()) : Value()},
                       {"local_port", inet ? Value(socket.local_port.value()) : Value()},
                       {"remote_address", inet ? Value(socket.remote_address.text()) : Value()},
                       {"remote_port", inet ? Value(socket.remote_port.value()) : Value()}};
  add_path(object, socket.family, socket.name);
  object.push_back({"recv_q", socket.queues.recv_q});
  object.push_back({"send_q", listens ? socket.backlog : socket.queues.send_q});
  object.push_back({"uid", socket.uid ? Value(socket.uid->value()) : Value()});
  object.push_back({"user", socket.uid ? user_value(view, *socket.uid) : Value()});
  object.push_back({"inode", socket.inode.value() == 0 ? Value() : Value(socket.inode.value())});
  object.push_back({"cookie", socket.cookie.value() == 0 ? Value() : Value(socket.cookie.value())});
  object.push_back({"netns", view.netns_label(socket.netns)});
  object.push_back(
      {"direction", row.direction ? Value(schema::way_word(row.direction->way)) : Value()});
  object.push_back(
      {"direction_evidence",
       row.direction ? Value(schema::evidence_word(row.direction->evidence)) : Value()});
  object.push_back({"service_name", text_or_null(service_name(socket, row.direction, names))});
  object.push_back({"first_seen", row.seen ? time_value(row.seen->first) : Value()});
  object.push_back({"listening_since",
                    row.seen && row.seen->listening ? time_value(*row.seen->listening) : Value()});
  object.push_back({"last_seen", row.seen ? time_value(row.seen->last) : Value()});
  Value::List holders;
  for (const Holder& holder : row.holders) {
    holders.push_back(holder_value(view, holder));
  }
  object.push_back({"holders", std::move(holders)});
  object.push_back(
      {"no_holder_reason",
       row.holders.empty() ? text_or_null(schema::no_holder_word(socket.no_holder)) : Value()});
  add_extras(object, socket);
  return object;
}

Value gap_value(const schema::Gap& gap, const std::vector<schema::Netns>& namespaces) {
  const bool placed = gap.netns && gap.netns->value() < namespaces.size();
  return Value::Object{{"source", schema::gap_source_word(gap.source)},
                       {"reason", schema::gap_reason_word(gap.reason)},
                       {"netns", placed ? Value(namespaces[gap.netns->value()].label) : Value()},
                       {"pid", gap.pid ? Value(gap.pid->value()) : Value()},
                       {"object", text_or_null(gap.object.text())},
                       {"errno", gap.error_number == 0 ? Value() : Value(gap.error_number)},
                       {"count", gap.count},
                       {"text", gap_text(gap, namespaces).text()}};
}

Value snapshot_value(const schema::SnapshotInfo& info,
                     std::span<const schema::Gap> gaps,
                     const std::vector<schema::Netns>& namespaces) {
  Value::List details;
  for (const schema::Gap& gap : gaps) {
    details.push_back(gap_value(gap, namespaces));
  }
  const auto& sync = info.clock_sync;
  return Value::Object{{"seq", info.seq.value()},
                       {"taken_at", time_value(info.begin.wall)},
                       {"finished_at", time_value(info.end.wall)},
                       {"boot_id", info.context.boot_id},
                       {"host", info.context.host_name},
                       {"complete", info.complete()},
                       {"gaps", info.totals.gaps},
                       {"listening", info.totals.listening},
                       {"connected", info.totals.connected},
                       {"processes", info.totals.processes},
                       {"note", text_or_null(info.note)},
                       {"machine_id", text_or_null(info.context.machine_id)},
                       {"kernel", text_or_null(info.context.kernel)},
                       {"recorder_version", text_or_null(info.context.recorder_version)},
                       {"clock_synchronized", sync ? Value(sync->synchronized) : Value()},
                       {"duration_us", info.cost.wall_us},
                       {"cpu_us", info.cost.cpu_us},
                       {"peak_kib", info.cost.peak_kib},
                       {"deep_seq", info.deep_seq ? Value(info.deep_seq->value()) : Value()},
                       {"gap_details", std::move(details)}};
}

Value::List owner_values(const schema::Service& service) {
  Value::List owners;
  for (const schema::Owner& owner : service.owners) {
    owners.push_back(owner_value(owner));
  }
  return owners;
}

Value::List number_values(const std::vector<std::uint32_t>& numbers) {
  return Value::List(numbers.begin(), numbers.end());
}

Value service_value(const schema::Service& service) {
  Value::Object object = endpoint_members(service.endpoint);
  object.push_back({"owners", owner_values(service)});
  object.push_back({"no_holder_reason", text_or_null(schema::no_holder_word(service.no_holder))});
  object.push_back({"rpc_programs", number_values(service.rpc)});
  object.push_back({"v6only", service.v6only});
  object.push_back({"sockets", static_cast<std::uint64_t>(service.sockets.size())});
  object.push_back({"since", service.since ? time_value(*service.since) : Value()});
  if (!service.leads_to.empty()) {
    object.push_back({"forwards_to", service.leads_to});
  }
  return object;
}

Value::Object endpoint_members(const schema::Endpoint& endpoint) {
  const bool inet = endpoint.family == Family::Ipv4 || endpoint.family == Family::Ipv6;
  Value::Object members{{"protocol", schema::protocol_name(endpoint.protocol)},
                        {"family", schema::family_name(endpoint.family)},
                        {"local_address", inet ? Value(endpoint.address.text()) : Value()},
                        {"local_port", inet ? Value(endpoint.port.value()) : Value()},
                        {"netns", endpoint.netns},
                        {"device", text_or_null(endpoint.device)}};
  add_path(members, endpoint.family, endpoint.name);
  if (schema::is_forward(endpoint)) {
    members.push_back({"forward", endpoint.name});
  }
  return members;
}

schema::SnapshotInfo info_of(const schema::Snapshot& snapshot) {
  return {.seq = snapshot.seq.value_or(schema::Seq(0)),
          .begin = snapshot.begin,
          .end = snapshot.end,
          .clock_sync = snapshot.clock_sync,
          .context = snapshot.context,
          .totals = schema::count_totals(snapshot),
          .cost = snapshot.cost,
          .note = snapshot.note,
          .deep_seq = snapshot.deep_seq};
}

std::string_view service_name(const Socket& socket,
                              const std::optional<schema::Direction>& direction,
                              const PortNames& names) {
  if (!schema::is_inet(socket)) {
    return {};
  }
  const bool outbound = direction && direction->way == schema::Way::Outbound;
  return names.find(socket.protocol, outbound ? socket.remote_port : socket.local_port);
}

}  // namespace sockwitness::query
