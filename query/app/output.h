// One answer in the format that was asked for.
//
// In:    how to build the document and the page; only the one that is needed is built.
// Out:   bytes on standard output.
// Never: decides what the answer is.
#pragma once

#include <functional>
#include <optional>

#include "query/analysis/history/pruned.h"
#include "query/analysis/history/thinned.h"
#include "query/app/options.h"
#include "query/report/neutral/document.h"
#include "query/report/neutral/page.h"

namespace sockwitness::query {

// "text", "json", "jsonl", "csv". Throws schema::Error (Usage).
[[nodiscard]] OutputFormat read_output_format(const std::string& word);

void write_answer(const GlobalOptions& options,
                  const std::function<Document()>& build_document,
                  const std::function<Page()>& build_page);

// The same of a history of which something was pruned or thinned: machines find it in each
// answer, people where it `matters`.
struct PrunedNote {
  std::optional<Pruned> pruned;
  bool matters = false;
  std::optional<Thinned> thinned = {};
  bool thinned_matters = false;
};
void write_answer(const GlobalOptions& options,
                  const PrunedNote& note,
                  const std::function<Document()>& build_document,
                  const std::function<Page()>& build_page);

}  // namespace sockwitness::query
