// The answer of `verify`: what holds, from where to where, and how we know.
//
// In:    a verdict.
// Out:   a document, a page.
// Never: says "intact" without saying what that does not exclude.
#pragma once

#include "query/report/neutral/document.h"
#include "query/report/neutral/page.h"
#include "query/report/words/host_words.h"
#include "query/verify/verdict.h"

namespace sockwitness::query {

[[nodiscard]] Document build_verify(const Verdict& verdict);
[[nodiscard]] Page lay_out_verify(const Verdict& verdict, const ClockFace& clock);

// "intact", "altered", …: the word of the contract.
[[nodiscard]] std::string_view result_word(Verdict::Result result);
// What the result does not exclude, a sentence each.
[[nodiscard]] std::vector<std::string> unproven(const Verdict& verdict);

}  // namespace sockwitness::query
