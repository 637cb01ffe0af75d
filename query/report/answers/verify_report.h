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

}  // namespace sockwitness::query
