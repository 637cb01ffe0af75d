#include "query/report/export/export_sarif.h"

#include "query/report/export/sarif_place.h"
#include "query/report/records/chronicle_words.h"
#include "query/report/records/finding_value.h"
#include "query/report/records/records.h"
#include "query/report/words/finding_words.h"
#include "query/report/words/socket_words.h"
#include "schema/view/owner_key.h"
#include "schema/view/services.h"

namespace sockwitness::query {
namespace {

// Objects of SARIF take no members of ours but in "properties": their texts are safe text, which
// is always UTF-8.
Value message_value(const SafeText& text) {
  return Value::Object{{"text", text.text()}};
}

std::string_view level_word(Severity severity) {
  switch (severity) {
    case Severity::Critical:
    case Severity::High:
      return "error";
    case Severity::Medium:
      return "warning";
    case Severity::Low:
      return "note";
    case Severity::Info:
      break;
  }
  return "none";
}

std::string_view change_state(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::NewListener:
      return "new";
    case ChangeKind::VanishedService:
      return "absent";
    default:
      return "updated";
  }
}

std::string_view change_words(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::NewListener:
      return "A service listens that did not before.";
    case ChangeKind::VanishedService:
      return "A service no longer listens, and its place was looked at.";
    case ChangeKind::OwnerChanged:
      return "Another program, script, user, unit or container answers at the same endpoint.";
    case ChangeKind::ProgramChanged:
      return "The program at the same path has other content.";
    case ChangeKind::ExposureWidened:
      return "The same service can be reached from further away.";
    case ChangeKind::ExposureNarrowed:
      return "The same service can be reached from fewer places.";
    case ChangeKind::Moved:
      return "The same service answers at another port or address.";
    case ChangeKind::ForwardingChanged:
      return "The same relay or proxy leads to another target.";
    case ChangeKind::Renamed:
      return "The same service under another name of its user or network namespace.";
    case ChangeKind::Restarted:
      return "The same service was started anew.";
    case ChangeKind::Reopened:
      return "A service came back that had gone.";
    case ChangeKind::Flapping:
      break;
  }
  return "A service came and went more than twice.";
}

std::string change_rule(ChangeKind kind) {
  return "diff/" + std::string(change_kind_word(kind));
}

// How importers of code scanning rank a rule: from 9.0 critical, from 7.0 high, from 4.0 medium.
std::string_view security_severity(Severity severity) {
  switch (severity) {
    case Severity::Critical:
      return "9.5";
    case Severity::High:
      return "8.0";
    case Severity::Medium:
      return "5.5";
    case Severity::Low:
      return "2.0";
    case Severity::Info:
      break;
  }
  return "0.0";
}

// `severity`: what most of its results have.
Value rule_value(const std::string& id,
                 const SafeText& title,
                 const SafeText& words,
                 Severity severity) {
  return Value::Object{{"id", id},
                       {"shortDescription", message_value(title)},
                       {"fullDescription", message_value(words)},
                       {"help", message_value(words)},
                       {"defaultConfiguration", Value::Object{{"level", level_word(severity)}}},
                       {"properties",
                        Value::Object{{"tags", Value::List{Value("security")}},
                                      {"security-severity", security_severity(severity)}}}};
}

// In the order in which results refer to them: kinds of change, then rules by id.
Value::List rules_list(const SarifInput& input) {
  Value::List rules;
  for (const ChangeKind kind : all_change_kinds()) {
    const SafeText words = SafeText::own(change_words(kind));
    const bool news = change_state(kind) == "new" || kind == ChangeKind::ProgramChanged;
    rules.push_back(
        rule_value(change_rule(kind), words, words, news ? Severity::Medium : Severity::Low));
  }
  for (const Rule& rule : input.rules) {
    rules.push_back(rule_value("check/" + rule.id,
                               SafeText::host(rule.title),
                               SafeText::host(rule.explanation),
                               rule.severity));
  }
  return rules;
}

Value location_value(const SafeText& place, std::string_view file) {
  return Value::List{
      Value(Value::Object{{"physicalLocation", sarif_place(file)},
                          {"logicalLocations",
                           Value::List{Value(Value::Object{{"fullyQualifiedName", place.text()},
                                                           {"kind", "resource"}})}}})};
}

Value::Object result_head(std::string rule, Severity severity, std::string_view state) {
  Value::Object result{{"ruleId", std::move(rule)}, {"level", level_word(severity)}};
  result.push_back({"kind", severity == Severity::Info ? "informational" : "fail"});
  result.push_back({"baselineState", state});
  return result;
}

std::string file_of(const schema::Service& service) {
  const std::string file = sarif_file(schema::principal(service));
  return file.empty() ? sarif_table(service.endpoint.protocol, service.endpoint.family) : file;
}

std::string file_of(const Finding& finding) {
  const schema::SnapshotView& view = finding.host().view();
  const Match& lead = finding.lead();
  std::string file;
  if (lead.process) {
    const schema::Owner owner = schema::owner_of(view, view.process(*lead.process));
    file = sarif_file(&owner);
  }
  if (file.empty() && lead.socket) {
    const schema::Socket& socket = view.socket(*lead.socket);
    file = sarif_table(socket.protocol, socket.family);
  }
  return file.empty() ? "/proc" : file;
}

Value change_result(const Change& change) {
  const schema::Service& shown = change.after ? *change.after : *change.before;
  const SafeText place = place_text(shown.endpoint, shown.v6only);
  Value::Object result =
      result_head(change_rule(change.kind), change.severity, change_state(change.kind));
  result.push_back({"message", message_value(place + ": " + SafeText::host(change.why))});
  result.push_back({"locations", location_value(place, file_of(shown))});
  result.push_back(
      {"partialFingerprints",
       Value::Object{{"sockwitnessChange/v1", change_rule(change.kind) + " " + place.text()}}});
  result.push_back(
      {"properties",
       Value::Object{{"severity", severity_word(change.severity)},
                     {"before", change.before ? service_value(*change.before) : Value()},
                     {"after", change.after ? service_value(*change.after) : Value()}}});
  return result;
}

Value finding_result(const SarifFinding& result_of, const PortNames& names) {
  const Finding& finding = result_of.finding;
  const SafeText title = title_text(finding);
  Value::Object result =
      result_head("check/" + finding.lead().rule->id, finding.severity(), result_of.state);
  SafeText text = title;
  for (const SafeText& line : finding_lines(finding, schema::format_utc)) {
    text += "\n";
    text += line;
  }
  result.push_back({"message", message_value(text)});
  result.push_back({"locations", location_value(title, file_of(finding))});
  result.push_back(
      {"partialFingerprints",
       Value::Object{{"sockwitnessSituation/v1", SafeText::host(finding.key).text()}}});
  if (finding.accepted()) {
    result.push_back(
        {"suppressions",
         Value::List{Value(Value::Object{{"kind", "external"},
                                         {"justification", acceptance_line(finding).text()}})}});
  }
  result.push_back({"properties", finding_members(finding, names)});
  return result;
}

Value::List notifications(const SarifInput& input) {
  Value::List list;
  for (const NotCompared& entry : input.diff.not_compared) {
    const schema::ServiceSet& set = entry.side == Side::Before ? input.before : input.after;
    SafeText text =
        entry.owners_only ? SafeText("owners not compared: ") : SafeText("not compared: ");
    for (const schema::Endpoint& endpoint : entry.endpoints) {
      text += &endpoint == &entry.endpoints.front() ? SafeText() : SafeText(", ");
      text += place_text(endpoint, std::nullopt);
    }
    text += entry.gap ? " (" + gap_text(set.gaps.at(*entry.gap), set.namespaces) + ")"
                      : SafeText(" (the holders were gone)");
    list.push_back(Value::Object{{"level", "warning"}, {"message", message_value(text)}});
  }
  const ClockFace clock = [](schema::WallTime time) { return schema::format_utc(time); };
  for (const ChronicleEvent& event : input.chronicle) {
    const bool harmless = event.kind == ChronicleKind::Suspend ||
                          event.kind == ChronicleKind::RecorderChanged ||
                          event.kind == ChronicleKind::Noted;
    Value::Object properties = chronicle_members(event, input.missed);
    properties.insert(properties.begin(), {"kind", chronicle_kind_word(event.kind)});
    list.push_back(
        Value::Object{{"level", harmless ? "note" : "warning"},
                      {"message", message_value(chronicle_text(event, input.missed, clock))},
                      {"properties", std::move(properties)}});
  }
  return list;
}

Value end_value(const schema::SnapshotInfo& info) {
  return snapshot_value(info, {}, {});
}

}  // namespace

Value::Object sarif_log(const SarifInput& input) {
  Value::List results;
  for (const Change& change : input.diff.changes) {
    results.push_back(change_result(change));
  }
  for (const SarifFinding& finding : input.findings) {
    results.push_back(finding_result(finding, input.names));
  }
  const Value driver = Value::Object{
      {"name", "sockwitness"}, {"version", SOCKWITNESS_VERSION}, {"rules", rules_list(input)}};
  const Value invocation =
      Value::Object{{"executionSuccessful", true},
                    {"machine", SafeText::host(input.to.context.host_name).text()},
                    {"toolExecutionNotifications", notifications(input)}};
  const Value run = Value::Object{{"tool", Value::Object{{"driver", driver}}},
                                  {"invocations", Value::List{invocation}},
                                  {"originalUriBaseIds", sarif_base()},
                                  {"results", std::move(results)},
                                  {"properties",
                                   Value::Object{{"from", end_value(input.from)},
                                                 {"to", end_value(input.to)},
                                                 {"rulesVersion", input.rules_version}}}};
  return {{"$schema",
           "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
           "sarif-schema-2.1.0.json"},
          {"version", "2.1.0"},
          {"runs", Value::List{run}}};
}

}  // namespace sockwitness::query
