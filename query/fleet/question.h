// Questions to a fleet: SQL for the engine in which the lines of `spool` end.
//
// In:    the files of questions/, values for their parameters.
// Out:   what there is to ask; the SQL of one, filled in.
// Never: sent anywhere.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query/fleet/literal.h"

namespace sockwitness::query {

struct Parameter {
  std::string name;
  ParameterKind kind = ParameterKind::Text;
  std::optional<std::string> usual;  // SQL where it is not given; nothing: it has to be
  std::string words;                 // what it is
};

struct FleetQuestion {
  std::string name;
  std::string title;
  std::vector<Parameter> parameters;
  std::string sql;  // with {NAME:TYPE} for each
};

// A file: "-- TITLE", "-- param NAME KIND [= SQL]: WORDS" …, the SQL. Throws schema::Error.
[[nodiscard]] FleetQuestion parse_question(std::string_view name, std::string_view text);

// By name.
[[nodiscard]] const std::vector<FleetQuestion>& fleet_questions();

// By name of the parameter, as typed. Throws schema::Error (Usage) for one that is missing, that
// the question does not have, or that is not of its kind.
using ParameterWords = std::map<std::string, std::string>;
[[nodiscard]] std::string fill_question(const FleetQuestion& question, const ParameterWords& words);

}  // namespace sockwitness::query
