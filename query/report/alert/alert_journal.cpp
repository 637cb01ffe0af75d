#include <cstdint>

#include <fmt/format.h>

#include "query/report/alert/alert_forms.h"
#include "query/report/writers/json_writer.h"
#include "schema/model/snapshot.h"
#include "schema/model/socket.h"
#include "schema/view/owner_key.h"

namespace sockwitness::query {
namespace {

constexpr std::string_view kMessageId = "5f0c1a6be3f54d5c9d9b1c6a7b0e4a21";

// syslog(3): 2 critical, 3 error, 4 warning, 5 notice, 6 informational.
int priority_of(const NewsItem& item) {
  if (item.phase == NewsPhase::Gone) {
    return 5;
  }
  switch (item.severity) {
    case Severity::Critical:
      return 2;
    case Severity::High:
      return 3;
    case Severity::Medium:
      return 4;
    case Severity::Low:
      return 5;
    case Severity::Info:
      break;
  }
  return 6;
}

// A value with a newline has its length in front, little endian.
void add_field(std::string& entry, std::string_view name, std::string_view value) {
  if (value.empty()) {
    return;
  }
  entry += name;
  if (value.find('\n') == std::string_view::npos) {
    entry.append(1, '=').append(value).append(1, '\n');
    return;
  }
  entry += '\n';
  auto size = static_cast<std::uint64_t>(value.size());
  for (std::size_t at = 0; at < sizeof size; ++at, size >>= 8U) {
    entry += static_cast<char>(size & 0xFFU);
  }
  entry.append(value).append(1, '\n');
}

void add_place(std::string& entry,
               schema::Protocol protocol,
               schema::Family family,
               const schema::IpAddress& address,
               schema::Port port) {
  add_field(entry, "SOCKWITNESS_PROTOCOL", schema::protocol_name(protocol));
  if (family == schema::Family::Ipv4 || family == schema::Family::Ipv6) {
    add_field(entry, "SOCKWITNESS_LOCAL_ADDRESS", address.text());
    add_field(entry, "SOCKWITNESS_LOCAL_PORT", std::to_string(port.value()));
  }
}

void add_change(std::string& entry, const Change& change) {
  add_field(entry, "SOCKWITNESS_CHANGE", change_kind_word(change.kind));
  const schema::Endpoint& at = change.endpoint;
  add_place(entry, at.protocol, at.family, at.address, at.port);
  const schema::Owner* owner = schema::principal(change.after ? *change.after : *change.before);
  if (owner != nullptr) {
    add_field(entry, "SOCKWITNESS_PROGRAM", owner->path());
    add_field(entry, "SOCKWITNESS_SCRIPT", owner->script);
    add_field(entry, "SOCKWITNESS_USER", owner->user);
    add_field(entry, "SOCKWITNESS_PID", owner->pid ? std::to_string(owner->pid->value()) : "");
  }
}

void add_finding(std::string& entry, const Finding& finding) {
  const Match& lead = finding.lead();
  const schema::SnapshotView& view = finding.host().view();
  add_field(entry, "SOCKWITNESS_RULE", lead.rule->id);
  std::string attack;
  for (const std::string& technique : lead.rule->attack) {
    attack += (attack.empty() ? "" : " ") + technique;
  }
  add_field(entry, "SOCKWITNESS_ATTACK", attack);
  if (lead.socket) {
    const schema::Socket& socket = view.socket(*lead.socket);
    add_place(entry, socket.protocol, socket.family, socket.local_address, socket.local_port);
  }
  if (lead.process) {
    const schema::Process& process = view.process(*lead.process);
    const schema::Program* program = view.program(process);
    add_field(entry, "SOCKWITNESS_PROGRAM", program == nullptr ? process.name : program->path);
    add_field(entry, "SOCKWITNESS_SCRIPT", process.script);
    add_field(entry, "SOCKWITNESS_PID", std::to_string(process.pid.value()));
  }
}

std::string entry_of(const AlertInput& input, const NewsItem& item) {
  const SafeText host = SafeText::host(input.latest.context.host_name);
  std::string entry;
  add_field(entry, "MESSAGE", (host + ": " + SafeText::host(phrase_of(item))).text());
  add_field(entry, "MESSAGE_ID", kMessageId);
  add_field(entry, "PRIORITY", std::to_string(priority_of(item)));
  add_field(entry, "SYSLOG_IDENTIFIER", "sockwitness");
  add_field(entry, "SOCKWITNESS_HOST", input.latest.context.host_name);
  add_field(entry, "SOCKWITNESS_KIND", news_kind_word(item.kind));
  add_field(entry, "SOCKWITNESS_NEWS", news_phase_word(item.phase));
  add_field(entry, "SOCKWITNESS_SEVERITY", severity_word(item.severity));
  add_field(entry, "SOCKWITNESS_WHAT", item.what);
  add_field(entry, "SOCKWITNESS_SNAPSHOT", std::to_string(input.latest.seq.value()));
  if (item.change != nullptr) {
    add_change(entry, *item.change);
  }
  if (item.finding != nullptr) {
    add_finding(entry, *item.finding);
  }
  return entry;
}

}  // namespace

std::vector<std::string> write_journal_entries(const AlertInput& input) {
  std::vector<std::string> entries;
  if (input.items.empty()) {
    std::string entry;
    add_field(entry, "MESSAGE", alert_subject(input).text());
    add_field(entry, "MESSAGE_ID", kMessageId);
    add_field(entry, "PRIORITY", "6");
    add_field(entry, "SYSLOG_IDENTIFIER", "sockwitness");
    entries.push_back(std::move(entry));
  }
  for (const NewsItem& item : input.items) {
    entries.push_back(entry_of(input, item));
  }
  return entries;
}

std::string write_alert_line(const AlertInput& input, std::string_view text) {
  Document document = build_alert(input);
  Value::Object object{{"format", document.format},
                       {"text", alert_subject(input).text() + "\n" + std::string(text)}};
  for (Member& member : document.head) {
    object.push_back(std::move(member));
  }
  object.push_back({document.rows_key, std::move(document.rows)});
  for (Member& member : document.tail) {
    object.push_back(std::move(member));
  }
  return write_json_line(object);
}

}  // namespace sockwitness::query
