#include "recorder/write/program_store.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include "schema/disk/codec.h"
#include "schema/disk/database.h"
#include "schema/disk/lent_statement.h"
#include "schema/disk/row.h"
#include "schema/disk/sql.h"

namespace sockwitness::recorder {

using schema::RowId;

ProgramStore::ProgramStore(schema::Database& database, schema::Texts& texts)
    : database_(database), texts_(texts) {
}

RowId ProgramStore::find_or_insert(const schema::Program& program) {
  auto found = known_.find(program);
  if (found == known_.end()) {
    auto row = find_stored(program);
    if (!row) {
      schema::LentStatement insert = database_.lend(schema::sql::kInsertProgram);
      schema::insert_program(*insert, program, texts_);
      row = database_.sqlite().getLastInsertRowid();
    }
    found = known_.emplace(program, *row).first;
  }
  return found->second;
}

std::optional<RowId> ProgramStore::find_stored(const schema::Program& program) {
  schema::LentStatement find = database_.lend(schema::sql::kFindPrograms);
  schema::LentStatement read = database_.lend(schema::sql::kReadProgram);
  find->bind(1, static_cast<std::int64_t>(program.inode.value()));
  while (find->executeStep()) {
    const RowId candidate = schema::RowReader(*find).integer();
    read->reset();
    read->bind(1, candidate);
    if (read->executeStep() && schema::decode_program(*read, texts_) == program) {
      return candidate;
    }
  }
  return std::nullopt;
}

}  // namespace sockwitness::recorder
