#include "tests/live/blind/verdicts.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include <nlohmann/json.hpp>

namespace sockwitness::test {
namespace {

using nlohmann::json;

// "tcp 0.0.0.0:80 in host", "unix /run/x in host"
std::string place_of(const json& thing) {
  const auto text = [&](const char* key) {
    const auto found = thing.find(key);
    return found == thing.end() || found->is_null() ? std::string()
           : found->is_string()                     ? found->get<std::string>()
                                                    : found->dump();
  };
  return text("protocol") + " " + text("local_address") + ":" + text("local_port") + " " +
         text("path") + " in " + text("netns") + " " + text("remote_address") + ":" +
         text("remote_port");
}

std::string word(const json& value) {
  return value.is_null() ? "-" : value.is_string() ? value.get<std::string>() : value.dump();
}

// The host's doing, or the clock's; a busy machine is late.
bool is_harmless(const std::string& event) {
  static const std::set<std::string> kHarmless = {"view_lost",
                                                  "view_regained",
                                                  "recorder_started",
                                                  "listener_present",
                                                  "process_present",
                                                  "connection_present",
                                                  "time_gap",
                                                  "baseline_added"};
  return kHarmless.contains(event);
}

std::string short_text(const json& value) {
  return word(value).substr(0, 160);
}

// A service may be missing: that it could not be seen is said elsewhere. It may not be worse.
class Judge {
 public:
  Judge(std::string question, json blind, json clear)
      : question_(std::move(question)), blind_(std::move(blind)), clear_(std::move(clear)) {}

  std::vector<std::string> judge() {
    if (question_.starts_with("diff")) {
      judge_diff();
    } else if (question_.starts_with("account")) {
      judge_account();
    } else if (question_.starts_with("check")) {
      judge_findings(blind_["findings"], clear_["findings"]);
      judge_findings(blind_["less_weight"], clear_["less_weight"]);
    } else if (question_.starts_with("timeline")) {
      judge_timeline();
    } else if (question_.starts_with("when")) {
      judge_spans();
    } else if (question_.starts_with("report")) {
      judge_report();
    }
    return std::move(accusations_);
  }

 private:
  void accuse(const std::string& what) { accusations_.push_back(question_ + ": " + what); }

  void judge_diff() {
    for (const json& change : blind_["changes"]) {
      accuse(word(change["kind"]) + " " + place_of(change) + ": " + short_text(change["why"]));
    }
  }

  void judge_account() {
    std::map<std::string, json> known;
    for (const json& service : clear_["services"]) {
      known[place_of(service)] = service;
    }
    for (const json& service : blind_["services"]) {
      const std::string place = place_of(service);
      const auto found = known.find(place);
      const std::string obstacle = word(service["obstacle"]);
      const bool says_unseen = obstacle.find("could not be") != std::string::npos;
      if (found == known.end()) {
        accuse("a service that is not there: " + place);
      } else if (service["status"] != found->second["status"] && !says_unseen) {
        accuse(place + " is " + word(service["status"]) + ": " + obstacle);
      } else if (obstacle.find(", now ") != std::string::npos) {
        accuse(place + ": " + obstacle);
      }
    }
    if (blind_["not_running"].size() > clear_["not_running"].size()) {
      accuse("entries that nothing answers to: " + short_text(blind_["not_running"]));
    }
    if (!blind_["gone_by"].is_null()) {
      accuse("gone by " + short_text(blind_["gone_by"]));
    }
  }

  static std::string process_of(const json& finding) {
    const json& process = finding["process"];
    const json& socket = finding["socket"];
    return process.is_null() ? place_of(socket.is_null() ? json::object() : socket)
                             : word(process["pid"]);
  }

  static int weight(const json& severity) {
    static const std::map<std::string, int> weights = {
        {"info", 0}, {"low", 1}, {"medium", 2}, {"high", 3}, {"critical", 4}};
    const auto found = weights.find(word(severity));
    return found == weights.end() ? 5 : found->second;
  }

  // By rule and process; the reasons of a situation are findings like its first.
  static std::map<std::string, int> rules_of(const json& findings) {
    std::map<std::string, int> rules;
    for (const json& finding : findings) {
      if (!finding.contains("rule")) {
        continue;
      }
      const auto add = [&](const json& rule, const std::string& who, const json& severity) {
        int& known = rules.try_emplace(word(rule) + " of " + who, -1).first->second;
        known = std::max(known, weight(severity));
      };
      add(finding["rule"], process_of(finding), finding["severity"]);
      for (const json& reason : finding.value("reasons", json::array())) {
        add(reason["rule"],
            reason["pid"].is_null()
                ? place_of(reason["socket"].is_null() ? json::object() : reason["socket"])
                : word(reason["pid"]),
            reason["severity"]);
      }
    }
    return rules;
  }

  void judge_findings(const json& blind, const json& clear) {
    if (!blind.is_array()) {
      return;
    }
    const auto known = rules_of(clear);
    for (const auto& [rule, severity] : rules_of(blind)) {
      const auto found = known.find(rule);
      if (found == known.end()) {
        accuse("finding " + rule);
      } else if (severity > found->second) {
        accuse("finding " + rule + " is graver");
      }
    }
  }

  static std::string subject_of(const json& event) {
    if (event.contains("process") && !event["process"].is_null()) {
      return "process " + word(event["process"]["pid"]);
    }
    if (event.contains("socket") && !event["socket"].is_null()) {
      return place_of(event["socket"]);
    }
    return {};
  }

  void judge_timeline() {
    std::map<std::string, int> known;
    for (const json& event : clear_["events"]) {
      ++known[word(event["kind"]) + " " + subject_of(event)];
    }
    for (const json& event : blind_["events"]) {
      const std::string kind = word(event["kind"]);
      const std::string what = kind + " " + subject_of(event);
      // What nobody could look for before is seen for the first time, and is said to be.
      const bool first_sight = (kind == "listener_appeared" || kind == "process_started" ||
                                kind == "connection_opened") &&
                               event["not_before_seq"].is_null();
      if (!is_harmless(kind) && !first_sight && --known[what] < 0) {
        accuse(what);
      }
    }
  }

  static std::string owner_of(const json& owner) {
    return word(owner["pid"]) + " " + word(owner["name"]);
  }

  void judge_spans() {
    const json& spans = blind_["spans"];
    std::set<std::string> owners;
    for (const json& span : clear_["spans"]) {
      for (const json& owner : span["owners"]) {
        owners.insert(owner_of(owner));
      }
    }
    if (spans.size() > clear_["spans"].size()) {
      accuse("in " + std::to_string(spans.size()) + " spans");
    }
    for (const json& span : spans) {
      if (!span["not_after_seq"].is_null()) {
        accuse("gone by " + word(span["not_after_seq"]));
      }
      for (const json& owner : span["owners"]) {
        if (!owner["not_after_seq"].is_null()) {
          accuse("owner " + owner_of(owner) + " gone by " + word(owner["not_after_seq"]));
        }
        if (!owners.contains(owner_of(owner))) {
          accuse("owner " + owner_of(owner) + " that is none");
        }
      }
    }
  }

  void judge_report() {
    for (const json& change : blind_["changes"]) {
      accuse("change " + word(change["kind"]) + " " + place_of(change) + ": " +
             short_text(change["why"]));
    }
    if (blind_["services"].size() > clear_["services"].size()) {
      accuse(std::to_string(blind_["services"].size()) + " services in the register");
    }
    for (const json& service : blind_["services"]) {
      for (const json& span : service["spans"]) {
        if (!span["not_after"].is_null()) {
          accuse("service " + word(service["port"]) + " ends");
        }
      }
    }
    judge_findings(blind_["findings"], clear_["findings"]);
    std::map<std::string, int> known;
    for (const json& event : clear_["events"]) {
      ++known[word(event["kind"])];
    }
    if (known["clock_unsynchronized"] > 0) {
      known["clock_unsynchronized"] += 2;  // where it was not told, a stretch of it is two
    }
    for (const json& event : blind_["events"]) {
      if (!is_harmless(word(event["kind"])) && --known[word(event["kind"])] < 0) {
        accuse("event " + word(event["kind"]));
      }
    }
  }

  std::string question_;
  json blind_;
  json clear_;
  std::vector<std::string> accusations_;
};

}  // namespace

std::vector<std::string> find_accusations(const Answers& blind, const Answers& clear) {
  std::vector<std::string> accusations;
  for (const auto& [question, text] : blind) {
    json expected = json::parse(clear.at(question));
    // A baseline that could not see excuses nobody: what is found is as grave as without one.
    const auto baseline = question.find(" --baseline blind");
    if (question.starts_with("check") && baseline != std::string::npos) {
      const json without = json::parse(clear.at(question.substr(0, baseline)));
      for (const json& finding : without["findings"]) {
        expected["findings"].push_back(finding);
      }
    }
    Judge judge(question, json::parse(text), std::move(expected));
    for (std::string& each : judge.judge()) {
      accusations.push_back(std::move(each));
    }
  }
  return accusations;
}

}  // namespace sockwitness::test
