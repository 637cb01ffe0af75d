// A document as JSON, or as one JSON object a line.
//
// In:    a document.
// Out:   ASCII only: control and non-ASCII characters are escaped; ends in a newline.
// Never: loses a byte: what is not UTF-8 comes escaped, with the exact bytes in a "…_b64" member.
#pragma once

#include <string>

#include "query/report/neutral/document.h"

namespace sockwitness::query {

[[nodiscard]] std::string write_json(const Document& document);
// Each row with its "format" and, unless it has one, the "seq" of its snapshot.
[[nodiscard]] std::string write_json_lines(const Document& document);
// One object as one line, or indented.
[[nodiscard]] std::string write_json_line(const Value::Object& object);
[[nodiscard]] std::string write_json_object(const Value::Object& object);

// The same in pieces, for answers that are longer than memory: the head, each row, the tail.
[[nodiscard]] std::string json_head(const Document& document);
[[nodiscard]] std::string json_row(const Value& row, bool is_first);
[[nodiscard]] std::string json_tail(const Document& document, bool no_rows);
[[nodiscard]] std::string json_line(const Document& document, const Value& row);

}  // namespace sockwitness::query
