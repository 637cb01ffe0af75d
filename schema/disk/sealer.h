// Makes the links of the records that are written: called at every record and every commit.
//
// In:    an open transaction.
// Out:   rows of its own in the same transaction.
// Never: begins or commits one.
#pragma once

#include "schema/base/time.h"

namespace sockwitness::schema {

class Database;

class Sealer {
 public:
  Sealer() = default;
  Sealer(const Sealer&) = delete;
  Sealer& operator=(const Sealer&) = delete;
  virtual ~Sealer() = default;

  // Before a record is added: what has to stand before it.
  virtual void before_record(Database& database, WallTime written) = 0;
  // Before a commit: links for all records that have none.
  virtual void seal(Database& database) = 0;
  // After it.
  virtual void committed() = 0;
};

}  // namespace sockwitness::schema
