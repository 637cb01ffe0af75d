#include <SQLiteCpp/SQLiteCpp.h>

#include "query/rules/path_words.h"
#include "query/rules/stage_parts.h"
#include "query/rules/table_writer.h"
#include "schema/base/escape.h"
#include "schema/model/snapshot.h"

namespace sockwitness::query {

void stage_programs(SQLite::Database& database, const StageInput& input, const HostFacts& facts) {
  const auto& programs = input.host.view().snapshot().programs;
  TableWriter row(database, "programs");
  for (std::uint32_t at = 0; at < programs.size(); ++at) {
    const schema::Program& program = programs[at];
    const KnownProgram& known = facts.program(schema::ProgramIndex(at));
    row.number("id", at)
        .text("path", program.path)
        .text("base_name", base_name(program.path))
        .text("place",
              program.state == schema::FileState::Memfd ? "memory" : place_of(program.path))
        .text("hidden", hidden_component(program.path))
        .text("state", schema::file_state_word(program.state))
        .text("verdict", schema::verdict_word(program.verdict))
        .text("package", program.package)
        .text("package_version", program.package_version)
        .text("sha256", schema::hex(program.sha256))
        .bits("size", program.size)
        .number("modified_us", program.mtime_ns / 1000)
        .number("changed_us", program.ctime_ns / 1000)
        .text("kind", known.kind ? kind_word(known.kind->kind) : std::string_view())
        .text("family", known.kind ? known.kind->family : std::string_view())
        .text("copy_of", known.copy_of)
        .end_row();
  }
  TableWriter mapping_row(database, "mappings");
  for (const schema::Mapping& mapping : input.host.view().snapshot().mappings) {
    mapping_row.number("process", mapping.process.value())
        .number("program", mapping.file.value())
        .end_row();
  }
}

}  // namespace sockwitness::query
