// The approvals of a report, each that accounts for more than one row written once: A1, A2, …
//
// In:    approvals, in the order of the tables.
// Out:   markup: a short name, or the words themselves of one that stands alone.
// Never: two approvals under one name that differ in anything.
#pragma once

#include <map>
#include <vector>

#include "query/report/compliance/compliance.h"
#include "query/report/html/markup.h"

namespace sockwitness::query::html {

class Approvals {
 public:
  // All that the register's entries and changes show.
  explicit Approvals(const ComplianceInput& input);

  // "A3", or "the shop; by ops; ticket OPS-1412"; empty where there is nothing to say.
  [[nodiscard]] Markup words_of(const Approval& approval) const;
  // The words of A1, A2, …
  [[nodiscard]] const std::vector<Markup>& all() const { return all_; }

 private:
  struct Use {
    std::size_t rows = 0;
    std::size_t number = 0;  // 0: written in place
  };

  std::map<Markup, Use> uses_;  // by its words
  std::vector<Markup> all_;
};

}  // namespace sockwitness::query::html
