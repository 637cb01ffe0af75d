// A table of the report before it has a form.
//
// In:    rows, each as members for machines and as cells for people.
// Out:   what the Markdown, the page and the document write in their own ways.
// Never: markup of any form: a cell says what its text is, and each form escapes it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "query/report/neutral/safe_text.h"
#include "query/report/neutral/value.h"
#include "schema/model/ids.h"

namespace sockwitness::query {

struct ReportText {
  enum class Kind {
    Word,      // numbers, times and words of our own
    Safe,      // may hold what the host chose
    Snapshot,  // a number: "#5" where the form links or marks it
    Absent     // why there is nothing; left out where a form has no room
  };

  Kind kind = Kind::Word;
  std::vector<std::string> lines;

  [[nodiscard]] static ReportText word(std::string_view text) {
    return {Kind::Word, {std::string(text)}};
  }
  [[nodiscard]] static ReportText safe(const SafeText& text) { return {Kind::Safe, {text.text()}}; }
  [[nodiscard]] static ReportText safe(const std::vector<SafeText>& lines);
  [[nodiscard]] static ReportText snapshot(schema::Seq seq) {
    return {Kind::Snapshot, {std::to_string(seq.value())}};
  }
  [[nodiscard]] static ReportText absent(std::string_view why) {
    return {Kind::Absent, {std::string(why)}};
  }
};

struct ReportColumn {
  enum class Place {
    Own,
    Below,  // a second line of the column before it, where the form has such
    Within  // the same; else the end of the cell before it
  };

  std::string_view title;
  Place place = Place::Own;
};

struct ReportRow {
  Value::Object members;  // of the document
  std::vector<ReportText>
      cells;  // parallel to the columns; none where only machines have the table
};

struct ReportTable {
  std::string_view id;
  std::vector<ReportColumn> columns;
  std::vector<ReportRow> rows;
  std::string none;             // instead of a table without rows
  std::string brief = "None.";  // the same, where a heading says the rest; empty: the bare titles
};

// The rows of the document.
[[nodiscard]] Value::List members_of(const ReportTable& table);

}  // namespace sockwitness::query
