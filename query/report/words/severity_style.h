// How a severity stands out on a terminal.
//
// In:    a severity.
// Out:   a style.
// Never: the only sign of it: the word stands there, too.
#pragma once

#include "query/analysis/findings/severity.h"
#include "query/report/neutral/page.h"

namespace sockwitness::query {

[[nodiscard]] inline Style severity_style(Severity severity) {
  if (severity >= Severity::High) {
    return Style::Alarm;
  }
  return severity == Severity::Medium ? Style::Warning : Style::Plain;
}

}  // namespace sockwitness::query
