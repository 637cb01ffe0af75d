// What the reading machine contributes: its clock, its zone, its services database, the default
// path.
//
// In:    the system, once per run.
// Out:   values that everything else is handed.
// Never: asked for again below the commands.
#pragma once

#include <string>

#include "query/app/options.h"
#include "query/app/zone.h"
#include "query/report/host_words.h"
#include "query/report/port_names.h"

namespace sockwitness::query {

[[nodiscard]] schema::WallTime read_clock();
// --db, SOCKWITNESS_DB, and then root's or the user's own.
[[nodiscard]] std::string find_database(const GlobalOptions& options);
// The zone in which times on the command line are read.
[[nodiscard]] Zone read_input_zone(const GlobalOptions& options);
// How the answer shows times.
[[nodiscard]] ClockFace read_clock_face(const GlobalOptions& options);
// Empty when there is no services database: ports then have no names.
[[nodiscard]] PortNames read_port_names();

}  // namespace sockwitness::query
