// Findings as rows with an interval, snapshot after snapshot: only changes are written.
//
// In:    the findings of each snapshot that was judged, in order; the rows that are open.
// Out:   a line when a row begins, when its content changes, and when it has ended.
// Never: ends a row while a table of its rule is incomplete, or one that comes back within an hour:
//        a condition that comes and goes is one row.
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
  Stamp stamp;
  std::optional<Stamp>
      ended;  // the first snapshot without it, written an hour later; nothing: it goes on
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
