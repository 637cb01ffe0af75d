#include "query/fleet/question.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "query/fleet/questions.h"
#include "schema/base/error.h"
#include "schema/base/scan.h"

namespace sockwitness::query {
namespace {

using schema::Error;
using schema::ExitCode;

constexpr std::string_view kRemark = "-- ";
constexpr std::string_view kParameter = "param ";

constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kFiles{{
    {"compliance", fleet_sql::kCompliance},
    {"findings", fleet_sql::kFindings},
    {"forks", fleet_sql::kForks},
    {"hash", fleet_sql::kHash},
    {"heads", fleet_sql::kHeads},
    {"holes", fleet_sql::kHoles},
    {"new", fleet_sql::kNew},
    {"outliers", fleet_sql::kOutliers},
    {"peer", fleet_sql::kPeer},
    {"port", fleet_sql::kPort},
    {"silent", fleet_sql::kSilent},
}};

// "NAME KIND [= SQL]: WORDS"
Parameter parse_parameter(std::string_view line) {
  Parameter parameter;
  std::string_view head = line.substr(0, line.find(": "));
  parameter.words = line.substr(std::min(line.size(), head.size() + 2));
  parameter.name = schema::scan_until(head, ' ');
  const auto kind = parse_parameter_kind(schema::scan_until(head, ' '));
  if (!kind || parameter.words.empty()) {
    throw Error(ExitCode::Usage, fmt::format("reading a question: '{}' is no parameter", line));
  }
  parameter.kind = *kind;
  if (schema::scan_literal(head, "= ")) {
    parameter.usual = head;
  }
  return parameter;
}

}  // namespace

FleetQuestion parse_question(std::string_view name, std::string_view text) {
  FleetQuestion question;
  question.name = name;
  while (schema::scan_literal(text, kRemark)) {
    std::string_view line = schema::scan_until(text, '\n');
    if (schema::scan_literal(line, kParameter)) {
      question.parameters.push_back(parse_parameter(line));
    } else {
      question.title += question.title.empty() ? "" : " ";
      question.title += line;
    }
  }
  question.sql = text;
  return question;
}

const std::vector<FleetQuestion>& fleet_questions() {
  static const std::vector<FleetQuestion> questions = [] {
    std::vector<FleetQuestion> all;
    for (const auto& [name, text] : kFiles) {
      all.push_back(parse_question(name, text));
    }
    return all;
  }();
  return questions;
}

std::string fill_question(const FleetQuestion& question, const ParameterWords& words) {
  for (const auto& [name, word] : words) {
    const bool known =
        std::any_of(question.parameters.begin(),
                    question.parameters.end(),
                    [&, key = name](const Parameter& each) { return each.name == key; });
    if (!known) {
      throw Error(ExitCode::Usage,
                  fmt::format("asking '{}': it has no {}", question.name, name),
                  "sockwitness fleet lists the questions and what they ask for");
    }
  }
  // The values are put in at one go: none of them is taken for the place of another.
  std::string sql;
  std::string_view rest = question.sql;
  std::map<std::string, std::string, std::less<>> literals;
  for (const Parameter& parameter : question.parameters) {
    const auto given = words.find(parameter.name);
    if (given == words.end() && !parameter.usual) {
      throw Error(
          ExitCode::Usage,
          fmt::format(
              "asking '{}': no {} ({})", question.name, parameter.name, kind_words(parameter.kind)),
          "sockwitness fleet lists the questions and what they ask for");
    }
    literals[parameter.name] = given == words.end()
                                   ? *parameter.usual
                                   : literal_of(parameter.kind, parameter.name, given->second);
  }
  for (std::size_t at = rest.find('{'); at != std::string_view::npos; at = rest.find('{')) {
    std::string_view place = rest.substr(at + 1, rest.find('}', at) - at - 1);
    sql += rest.substr(0, at);
    sql += literals.at(std::string(place.substr(0, place.find(':'))));
    rest.remove_prefix(at + place.size() + 2);
  }
  return sql + std::string(rest);
}

}  // namespace sockwitness::query
