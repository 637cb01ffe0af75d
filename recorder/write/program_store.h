// Programs as rows: each stored once, however many snapshots and baselines refer to it.
//
// In:    an open transaction, programs with all their fields.
// Out:   row ids.
// Never: takes two programs for one because they share an inode.
#pragma once

#include <map>

#include "schema/disk/texts.h"
#include "schema/model/program.h"

namespace sockwitness::recorder {

class ProgramStore {
 public:
  // Both must outlive it.
  ProgramStore(schema::Database& database, schema::Texts& texts);

  // A row that is known already and need not be looked for.
  void know(const schema::Program& program, schema::RowId row) { known_.emplace(program, row); }

  [[nodiscard]] schema::RowId find_or_insert(const schema::Program& program);

 private:
  [[nodiscard]] std::optional<schema::RowId> find_stored(const schema::Program& program);

  schema::Database& database_;
  schema::Texts& texts_;
  std::map<schema::Program, schema::RowId, schema::ByInode> known_;
};

}  // namespace sockwitness::recorder
