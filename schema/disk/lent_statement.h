// A prepared statement on loan from its connection, which keeps it for the next loan.
//
// In:    the text of a statement.
// Out:   the statement, by * and ->, prepared when it is first used by anyone; reset when the loan
//        ends, so that it holds no lock.
// Never: outlives the database that lent it.
#pragma once

#include <cassert>
#include <string_view>
#include <utility>

#include <SQLiteCpp/Statement.h>

#include "schema/disk/database.h"

namespace sockwitness::schema {

class LentStatement {
 public:
  LentStatement(LentStatement&& other) noexcept
      : database_(other.database_),
        query_(other.query_),
        kept_(std::exchange(other.kept_, nullptr)) {}
  LentStatement& operator=(LentStatement&&) = delete;
  LentStatement(const LentStatement&) = delete;
  LentStatement& operator=(const LentStatement&) = delete;
  ~LentStatement() {
    if (kept_ != nullptr) {
      kept_->statement->tryReset();
      kept_->lent = false;
    }
  }

  [[nodiscard]] SQLite::Statement& operator*() {
    if (kept_ == nullptr) {
      kept_ = &database_.prepare(query_);
      assert(!kept_->lent);
      kept_->lent = true;
    }
    return *kept_->statement;
  }
  [[nodiscard]] SQLite::Statement* operator->() { return &**this; }

 private:
  friend class Database;
  LentStatement(Database& database, std::string_view query) : database_(database), query_(query) {}

  Database& database_;
  std::string_view query_;
  Database::Kept* kept_ = nullptr;
};

}  // namespace sockwitness::schema
