// Observations written to a file the way the recorder does: open, load the previous one, append.
//
// In:    the path of a database, observations.
// Out:   the file, and what it must answer.
// Never: keeps a connection between two histories.
#pragma once

#include <string>
#include <vector>

#include "tests/support/random_history.h"

namespace sockwitness::test {

// One run of the recorder, with a connection of its own.
void append_snapshot(const std::string& path, const schema::Snapshot& observed);

// `length` snapshots of the host with this seed. The connection is made anew now and then.
[[nodiscard]] std::vector<Observation> write_history(const std::string& path,
                                                     std::uint64_t seed,
                                                     std::size_t length);

}  // namespace sockwitness::test
