// Services and owners of baselines to rows and back: one codec for the recorder and every reader.
//
// In:    a value and the row ids of what it refers to; or a statement standing on a row.
// Out:   bound parameters; or the value with the row ids of what it refers to.
// Never: stores what only holds at one moment: pids, descriptors, ancestors.
#pragma once

#include <optional>

#include "schema/disk/texts.h"
#include "schema/model/baseline.h"

namespace SQLite {
class Statement;
}

namespace sockwitness::schema {

struct BaselineServiceRow {
  RowId id = 0;
  RowId record = 0;
  Service service;  // its owners and RPC programs are rows of their own
};

// As read_baseline_services.sql selects it: with the acceptance that brought it.
[[nodiscard]] BaselineServiceRow decode_baseline_service(SQLite::Statement& row, Texts& texts);
void insert_baseline_service(SQLite::Statement& insert,
                             const BaselineServiceRow& row,
                             Texts& texts);

struct BaselineOwnerRow {
  RowId service = 0;
  Owner owner;  // its programs are not set
  std::optional<RowId> program;
  std::optional<RowId> script_file;
  std::optional<RowId> container;  // set to be written; what is read has the facts themselves
};

[[nodiscard]] BaselineOwnerRow decode_baseline_owner(SQLite::Statement& row, Texts& texts);
void insert_baseline_owner(SQLite::Statement& insert, const BaselineOwnerRow& row, Texts& texts);

void insert_author(SQLite::Statement& insert, RowId record, const Author& author, Texts& texts);

[[nodiscard]] BaselineInfo decode_baseline(SQLite::Statement& row, Texts& texts);
void insert_baseline(SQLite::Statement& insert, const BaselineInfo& info, Texts& texts);

// The label of its namespace stands apart: a baseline has no rows of namespaces.
[[nodiscard]] Gap decode_baseline_gap(SQLite::Statement& row,
                                      Texts& texts,
                                      std::optional<std::string>& label);
void insert_baseline_gap(SQLite::Statement& insert,
                         RowId record,
                         const Gap& gap,
                         const std::optional<std::string>& label,
                         Texts& texts);

}  // namespace sockwitness::schema
