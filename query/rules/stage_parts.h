// The parts of the stage: each fills the tables that it is named after.
//
// In:    the input of the stage, what follows from it.
// Out:   rows.
// Never: depends on the order in which the parts run.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query/rules/channel_finder.h"
#include "query/rules/process_facts.h"
#include "query/rules/stage.h"

namespace sockwitness::query {

void stage_host(SQLite::Database& database, const StageInput& input);
void stage_programs(SQLite::Database& database, const StageInput& input, const HostFacts& facts);
void stage_daemons(SQLite::Database& database, const StageInput& input, const HostFacts& facts);
void stage_processes(SQLite::Database& database, const StageInput& input, const HostFacts& facts);
void stage_sockets(SQLite::Database& database, const StageInput& input);
void stage_forwards(SQLite::Database& database, const StageInput& input);
void stage_holders(SQLite::Database& database, const StageInput& input, const HostFacts& facts);
void stage_baseline(SQLite::Database& database, const StageInput& input);
void stage_channels(SQLite::Database& database, std::span<const ChannelEnd> ends);

// What a user id was called there, the number where it had no name.
[[nodiscard]] std::string user_word(const schema::SnapshotView& view, schema::Uid uid);

// Names of libraries as the dynamic linker separates them: by blanks and colons.
[[nodiscard]] std::vector<std::string_view> split_libraries(std::string_view list);

}  // namespace sockwitness::query
