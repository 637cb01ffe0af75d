// What rules find as rows with an interval, snapshot after snapshot: only what changed is told.
//
// In:    the findings of each snapshot that was judged, in order; the rows that are open.
// Out:   a line when a row begins, when what is said of it changes, and when it has ended.
// Never: a row ended where something that its rule reads could not be seen, or that comes back within
//        an hour: what comes and goes all the time is one row.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "query/spool/spool_cursor.h"

namespace sockwitness::query {

struct SeenFinding {
  std::string key;      // of the situation
  std::string rule;     // that leads it
  std::string content;  // what a line says of it besides the interval
};

struct JudgedOnce {
  Stamp snapshot;
  std::vector<SeenFinding> findings;  // gravest first
  std::set<std::string> unsure;       // rules that failed, or that a gap kept something from
};

struct FindingLine {
  OpenFinding finding;
  Stamp told;
  std::optional<Stamp>
      ended;  // the first snapshot without it, told an hour later; nothing: it goes on
};

class FindingRows {
 public:
  // `judged`: the last snapshot before in which all rules could see everything.
  FindingRows(std::vector<OpenFinding> open, std::optional<Stamp> judged)
      : rows_(std::move(open)), judged_(judged) {}

  // Appends to `lines`.
  void add(const JudgedOnce& judged, std::vector<FindingLine>& lines);

  [[nodiscard]] const std::vector<OpenFinding>& open() const { return rows_; }
  [[nodiscard]] const std::optional<Stamp>& judged() const { return judged_; }

 private:
  std::vector<OpenFinding> rows_;
  std::optional<Stamp> judged_;
};

}  // namespace sockwitness::query
