#include "recorder/write/program_store.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include "schema/disk/codec.h"
#include "schema/disk/database.h"
#include "schema/disk/row.h"
#include "schema/disk/sql.h"

namespace sockwitness::recorder {

using schema::RowId;

ProgramStore::ProgramStore(schema::Database& database, schema::Texts& texts)
    : database_(database),
      texts_(texts),
      find_(database.sqlite(), std::string(schema::sql::kFindPrograms)),
      read_(database.sqlite(), std::string(schema::sql::kReadProgram)),
      insert_(database.sqlite(), std::string(schema::sql::kInsertProgram)) {
}

RowId ProgramStore::find_or_insert(const schema::Program& program) {
  auto found = known_.find(program);
  if (found == known_.end()) {
    auto row = find_stored(program);
    if (!row) {
      schema::insert_program(insert_, program, texts_);
      row = database_.sqlite().getLastInsertRowid();
    }
    found = known_.emplace(program, *row).first;
  }
  return found->second;
}

std::optional<RowId> ProgramStore::find_stored(const schema::Program& program) {
  find_.reset();
  find_.bind(1, static_cast<std::int64_t>(program.inode.value()));
  while (find_.executeStep()) {
    const RowId candidate = schema::RowReader(find_).integer();
    read_.reset();
    read_.bind(1, candidate);
    if (read_.executeStep() && schema::decode_program(read_, texts_) == program) {
      return candidate;
    }
  }
  return std::nullopt;
}

}  // namespace sockwitness::recorder
