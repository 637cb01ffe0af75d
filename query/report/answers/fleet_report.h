// What a fleet's engine answered, and what it can be asked, for people.
//
// In:    rows of the engine; the questions.
// Out:   a table of safe text: brackets as in other answers, severities in their styles.
// Never: a column that says nothing in any row.
#pragma once

#include <span>

#include "query/fleet/engine_rows.h"
#include "query/fleet/question.h"
#include "query/report/neutral/page.h"

namespace sockwitness::query {

[[nodiscard]] Page lay_out_questions(std::span<const FleetQuestion> questions);
[[nodiscard]] Page lay_out_fleet(std::span<const EngineRow> rows);

}  // namespace sockwitness::query
