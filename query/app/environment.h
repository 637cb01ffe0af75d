// What the reading machine contributes: clock, zone, services database, default path.
//
// In:    the system, once per run.
// Out:   values that everything else is handed.
// Never: asked for again below the commands.
#pragma once

#include <optional>
#include <string>

#include "query/app/options.h"
#include "query/report/words/host_words.h"
#include "query/report/words/port_names.h"
#include "schema/program/time_spec.h"

namespace sockwitness::query {

[[nodiscard]] schema::WallTime read_clock();
// --db, SOCKWITNESS_DB, and then root's or the user's own.
[[nodiscard]] std::string find_database(const GlobalOptions& options);
// What an option says, if it was given; wrong times are refused before the database is touched.
[[nodiscard]] std::optional<schema::TimeSpec> read_time(const GlobalOptions& options,
                                                        const std::optional<std::string>& text,
                                                        schema::WallTime now,
                                                        schema::Edge edge);
// How the answer shows times.
[[nodiscard]] ClockFace read_clock_face(const GlobalOptions& options);
// Empty when there is no services database: ports then have no names.
[[nodiscard]] PortNames read_port_names();

}  // namespace sockwitness::query
