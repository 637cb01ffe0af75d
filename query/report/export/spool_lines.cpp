#include "query/report/export/spool_lines.h"

#include <algorithm>
#include <iterator>
#include <set>

#include <fmt/format.h>

#include "query/report/records/records.h"
#include "query/report/writers/json_writer.h"
#include "query/spool/row_name.h"
#include "schema/base/escape.h"
#include "schema/model/snapshot.h"
#include "schema/model/socket_kind.h"
#include "schema/view/owner_key.h"
#include "schema/view/services.h"

namespace sockwitness::query {
namespace {

Value::Object begin_line(std::string_view format, const LineHead& head) {
  return {{"format", format},
          {"host", head.host},
          {"archive", head.archive},
          {"seq", head.seq.value()},
          {"head", text_or_null(head.head)}};
}

void append(Value::Object& object, Value::Object more) {
  object.insert(
      object.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

Value stamp_value(const std::optional<Stamp>& stamp) {
  return stamp ? time_value(stamp->at) : Value();
}

Value stamp_seq(const std::optional<Stamp>& stamp) {
  return stamp ? Value(stamp->seq.value()) : Value();
}

// Both are objects of one line each.
std::string join(const Value::Object& object, std::string_view content) {
  std::string line = write_json_line(object);
  line.resize(line.size() - 2);  // "}\n"
  return line + "," + std::string(content.substr(1)) + "\n";
}

std::string content_text(const Value::Object& object) {
  std::string text = write_json_line(object);
  text.pop_back();
  return text;
}

// A row that goes on says nothing of its end, however long it was seen by now.
Value::Object interval_members(const std::string& row,
                               const Stamp& first,
                               const std::optional<Stamp>& not_before,
                               const Stamp& last,
                               const std::optional<Stamp>& ended) {
  return {{"row", row},
          {"state", ended ? "ended" : "open"},
          {"first_seen", time_value(first.at)},
          {"first_seq", first.seq.value()},
          {"not_before", stamp_value(not_before)},
          {"not_before_seq", stamp_seq(not_before)},
          {"last_seen", ended ? time_value(last.at) : Value()},
          {"last_seq", ended ? Value(last.seq.value()) : Value()},
          {"not_after", stamp_value(ended)},
          {"not_after_seq", stamp_seq(ended)}};
}

// What a person calls an owner's code: the file, and what it runs.
std::string code_of(const schema::Owner& owner) {
  std::string code(owner.path().empty() ? std::string_view(owner.name) : owner.path());
  return owner.script.empty() ? code : code + " " + owner.script;
}

Value::Object owner_members(const schema::Owner* owner) {
  constexpr std::string_view kKept[] = {"program",
                                        "script",
                                        "sha256",
                                        "package",
                                        "package_state",
                                        "file_state",
                                        "user",
                                        "uid",
                                        "unit",
                                        "container",
                                        "container_name",
                                        "container_image"};
  if (owner == nullptr) {
    Value::Object nobody;
    for (const std::string_view key : kKept) {
      nobody.push_back({key, Value()});
    }
    return nobody;
  }
  const Value all = owner_value(*owner);
  Value::Object members;
  for (const std::string_view key : kKept) {
    const Value* value = all.find(key);
    members.push_back({key, value == nullptr ? Value() : *value});
  }
  return members;
}

Value peer_way(PeerWay way) {
  switch (way) {
    case PeerWay::Inbound:
      return "inbound";
    case PeerWay::Outbound:
      return "outbound";
    case PeerWay::Unknown:
      break;
  }
  return {};
}

Value::Object hour_members(const PeerTimes& times, std::string row) {
  return {{"row", std::move(row)}, {"hour", time_value(times.hour)}};
}

Value::Object socket_members(const HostView& host, const Match& match) {
  if (!match.socket) {
    return {{"protocol", Value()},
            {"local_address", Value()},
            {"local_port", Value()},
            {"remote_address", Value()},
            {"remote_port", Value()}};
  }
  const schema::Socket& socket = host.view().socket(*match.socket);
  const bool inet = socket.family == schema::Family::Ipv4 || socket.family == schema::Family::Ipv6;
  const bool peer = inet && socket.remote_port != schema::Port(0);
  // Where a client is connected to, and the port that it happened to get, differ each time.
  const auto port = host.meaningful_port(*match.socket);
  const bool own = port && *port == socket.local_port;
  return {{"protocol", schema::protocol_name(socket.protocol)},
          {"local_address", inet && !peer ? Value(socket.local_address.text()) : Value()},
          {"local_port", inet && own ? Value(socket.local_port.value()) : Value()},
          {"remote_address", peer && !own ? Value(socket.remote_address.text()) : Value()},
          {"remote_port", peer && !own ? Value(socket.remote_port.value()) : Value()}};
}

}  // namespace

std::string spool_snapshot(const LineHead& head, const SnapshotFacts& facts) {
  const schema::SnapshotInfo& info = facts.info;
  std::set<std::string_view> sources;
  if (facts.gaps != nullptr) {
    for (const schema::Gap& gap : facts.gaps->gaps) {
      sources.insert(schema::gap_source_word(gap.source));
    }
  }
  Value::Object line = begin_line("sockwitness.spool-snapshot/1", head);
  append(line,
         {{"kind", "snapshot"},
          {"record", facts.record},
          {"taken_at", time_value(info.begin.wall)},
          {"boot_id", info.context.boot_id},
          {"complete", info.complete()},
          {"gaps", info.totals.gaps},
          {"gap_sources", Value::List(sources.begin(), sources.end())},
          {"listening", info.totals.listening},
          {"connected", info.totals.connected},
          {"processes", info.totals.processes},
          {"version", info.context.recorder_version},
          {"policy", text_or_null(facts.policy)}});
  return write_json_line(line);
}

std::string spool_record(const LineHead& head, const OtherRecord& record) {
  Value::Object line = begin_line("sockwitness.spool-record/1", head);
  append(line, {{"kind", record.missed ? "missed" : "prune"}, {"record", record.record}});
  if (record.missed) {
    append(line,
           {{"at", time_value(record.missed->at)},
            {"missed_kind", schema::missed_kind_word(record.missed->kind)},
            {"runs", record.missed->count},
            {"reason", record.missed->reason}});
  } else {
    append(
        line,
        {{"first_seq", record.pruned->first.value()}, {"last_seq", record.pruned->last.value()}});
  }
  return write_json_line(line);
}

std::string spool_notice(const LineHead& head, const SpoolNotice& notice) {
  const auto& snapshots = notice.snapshots;
  Value::Object line = begin_line("sockwitness.spool-notice/1", head);
  append(line,
         {{"kind", notice.kind},
          {"first_seq", snapshots ? Value(snapshots->first.value()) : Value()},
          {"last_seq", snapshots ? Value(snapshots->last.value()) : Value()},
          {"file", text_or_null(notice.file)},
          {"lines", notice.file.empty() ? Value() : Value(notice.lines)}});
  return write_json_line(line);
}

std::string service_content(const schema::Service& service, const Account* account) {
  std::set<std::string> codes;
  for (const schema::Owner& owner : service.owners) {
    codes.insert(code_of(owner));
  }
  Value::List owners;
  for (const std::string& code : codes) {
    owners.push_back(code);
  }
  Value::Object object = endpoint_members(service.endpoint);
  object.push_back({"v6only", service.v6only});
  append(object, owner_members(schema::principal(service)));
  append(object,
         {{"owners", std::move(owners)},
          {"no_holder_reason", text_or_null(schema::no_holder_word(service.no_holder))},
          {"rpc_programs", number_values(service.rpc)},
          {"forwards_to", text_or_null(service.leads_to)},
          {"status", account == nullptr ? Value() : Value(account_status_word(account->status))},
          {"approved_by", account == nullptr ? Value() : text_or_null(account->approved_by)},
          {"expires",
           account == nullptr || !account->expires ? Value() : time_value(*account->expires)}});
  return content_text(object);
}

std::string spool_service(const LineHead& head, const ServiceLine& line) {
  const OpenService& row = line.service;
  Value::Object object = begin_line("sockwitness.spool-service/1", head);
  append(object, interval_members(row.row, row.first, row.not_before, row.last, line.ended));
  return join(object, row.content);
}

std::string finding_key(const Finding& finding) {
  const Match& lead = finding.lead();
  if (!lead.socket) {
    return finding.key;
  }
  const schema::Socket& socket = finding.host().view().socket(*lead.socket);
  const auto port = finding.host().meaningful_port(*lead.socket);
  if (!port || *port != socket.local_port) {
    return finding.key;
  }
  // Its last part is the end of the socket.
  return finding.key.substr(0, finding.key.rfind('\0') + 1) +
         fmt::format("{} {}", schema::protocol_name(socket.protocol), port->value());
}

std::string finding_content(const Finding& finding) {
  const HostView& host = finding.host();
  const Match& lead = finding.lead();
  Value::List attack;
  for (const std::string& technique : lead.rule->attack) {
    attack.push_back(technique);
  }
  Value::Object object{{"rule", lead.rule->id},
                       {"severity", severity_word(finding.severity())},
                       {"title", lead.rule->title},
                       {"attack", std::move(attack)},
                       {"accepted", finding.accepted()}};
  append(object, socket_members(host, lead));
  const bool has_owner = lead.process.has_value();
  const schema::Owner owner =
      has_owner ? schema::owner_of(host.view(), host.view().process(*lead.process))
                : schema::Owner();
  append(object, owner_members(has_owner ? &owner : nullptr));
  return content_text(object);
}

std::string spool_finding(const LineHead& head, const FindingLine& line) {
  const OpenFinding& row = line.finding;
  Value::Object object = begin_line("sockwitness.spool-finding/1", head);
  append(object, interval_members(row.row, row.first, row.not_before, row.last, line.ended));
  return join(object, row.content);
}

std::string spool_program(const LineHead& head,
                          const ProgramBegin& begin,
                          schema::WallTime first_seen) {
  const schema::Program& program = begin.program;
  Value::Object line = begin_line("sockwitness.spool-program/1", head);
  append(line,
         {{"row", fmt::format("{}", begin.row)},
          {"first_seen", time_value(first_seen)},
          {"path", program.path},
          {"script", begin.script},
          {"sha256", program.sha256.empty() ? Value() : Value(schema::hex(program.sha256))},
          {"size", program.size},
          {"file_state", schema::file_state_word(program.state)},
          {"package", text_or_null(program.package)},
          {"package_version", text_or_null(program.package_version)},
          {"package_state", schema::verdict_word(program.verdict)}});
  return write_json_line(line);
}

std::string spool_peer(const LineHead& head, const PeerTimes& times, const HourPeer& peer) {
  const PeerKey& key = peer.key;
  Value::Object line = begin_line("sockwitness.spool-peer/1", head);
  append(line,
         hour_members(times,
                      row_name("peer",
                               {fmt::format("{} {} {} {} {}",
                                            times.from.value(),
                                            static_cast<unsigned>(key.protocol),
                                            static_cast<unsigned>(key.way),
                                            key.guess,
                                            key.port.value()),
                                std::string(key.remote.bytes()),
                                key.netns,
                                key.program})));
  append(line,
         {{"protocol", schema::protocol_name(key.protocol)},
          {"direction", peer_way(key.way)},
          {"guess", key.guess},
          {"port", key.port.value()},
          {"remote_address", key.remote.text()},
          {"netns", key.netns},
          {"program", text_or_null(key.program)},
          {"first_seen", time_value(times.first)},
          {"last_seen", time_value(times.last)},
          {"connections", peer.connections},
          {"peers", Value()}});
  return write_json_line(line);
}

std::string spool_more_peers(const LineHead& head,
                             const PeerTimes& times,
                             std::uint64_t peers,
                             std::uint64_t connections) {
  Value::Object line = begin_line("sockwitness.spool-peer/1", head);
  append(line, hour_members(times, row_name("peers", {fmt::format("{}", times.from.value())})));
  append(line,
         {{"protocol", Value()},
          {"direction", Value()},
          {"guess", false},
          {"port", Value()},
          {"remote_address", Value()},
          {"netns", Value()},
          {"program", Value()},
          {"first_seen", time_value(times.first)},
          {"last_seen", time_value(times.last)},
          {"connections", connections},
          {"peers", peers}});
  return write_json_line(line);
}

}  // namespace sockwitness::query
