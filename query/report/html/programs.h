// The program files of a report, each named once: P1, P2, …
//
// In:    owners, in the order of the tables.
// Out:   a short name for each file; all of them for a table of their own.
// Never: two files of one path as one.
#pragma once

#include <map>
#include <vector>

#include "query/report/compliance/compliance.h"
#include "query/report/html/markup.h"

namespace sockwitness::query::html {

class Programs {
 public:
  // All that the register's entries and changes show.
  explicit Programs(const ComplianceInput& input);

  // "P3"; empty for none.
  [[nodiscard]] Markup name_of(const schema::Owner* owner) const;
  [[nodiscard]] const std::vector<schema::Program>& all() const { return programs_; }

 private:
  void add(const std::optional<schema::Service>& service);

  std::map<schema::Program, std::size_t> places_;
  std::vector<schema::Program> programs_;
};

}  // namespace sockwitness::query::html
