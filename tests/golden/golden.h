// Answers compared with what was accepted; accept.sh rewrites the accepted ones.
//
// In:    the name of a file below expected/, an answer.
// Out:   a failed check that names the way to accept a change.
// Never: masks anything: what varies is fixed where it comes from.
#pragma once

#include <string>

#include "query/report/neutral/document.h"
#include "query/report/neutral/page.h"
#include "query/report/words/host_words.h"

namespace sockwitness::test {

void check_golden(const std::string& name, const std::string& answer);
// NAME.json, NAME.jsonl and NAME.csv.
void check_document(const std::string& name, const query::Document& document);
// As wide as needed, without colour.
void check_page(const std::string& name, const query::Page& page);

[[nodiscard]] query::ClockFace utc_face();

}  // namespace sockwitness::test
