// The links of a database, and which record each row belongs to.
//
// In:    a connection to a database of ours.
// Out:   links as a sealed export has them, marks of any record.
// Never: judges whether they are right.
#pragma once

#include <vector>

#include "query/seal/mark_history.h"
#include "query/seal/sealed_link.h"

namespace SQLite {
class Database;
}

namespace sockwitness::query {

class ChainOutline {
 public:
  // Throws schema::Error (Unusable) when there is none, or a link is not of the form that links
  // have.
  explicit ChainOutline(SQLite::Database& sqlite);

  [[nodiscard]] const std::vector<SealedLink>& links() const { return links_; }
  [[nodiscard]] std::int64_t first() const { return links_.front().record; }
  [[nodiscard]] std::int64_t last() const { return links_.back().record; }
  [[nodiscard]] const SealedLink& link(std::int64_t record) const;
  [[nodiscard]] const MarkHistory& marks() const { return marks_; }

 private:
  std::vector<SealedLink> links_;  // of dense numbers
  MarkHistory marks_;
};

}  // namespace sockwitness::query
