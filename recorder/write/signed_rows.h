// The rows of records, compared with what was signed, before some of them go.
//
// In:    an open database.
// Out:   link after link, with the rows of each, or of those together that are one whole.
// Never: goes on where a row is not as it was signed: to remove it would remove the proof.
#pragma once

#include <functional>
#include <string>

#include "schema/chain/hasher.h"
#include "schema/chain/marks.h"
#include "schema/disk/id_list.h"

namespace sockwitness::schema {
class Database;
class Error;
}  // namespace sockwitness::schema

namespace sockwitness::recorder {

struct LinkRoot {
  schema::RowId record = 0;
  std::int64_t leaves = 0;
  schema::Marks marks;
  schema::Hash root{};
};

// Up to a record, from the first on. False: no further one. Throws SQLite::Exception,
// schema::Error.
void visit_links(schema::Database& database,
                 schema::RowId until,
                 const std::function<bool(const LinkRoot&)>& visit);

// From one record to another; those of a prune and of spans that reach into it as wholes.
void require_signed_rows(schema::Database& database, schema::RowId first, schema::RowId last);

}  // namespace sockwitness::recorder
