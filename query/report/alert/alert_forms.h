// An alert as other programs take it: a mail, the journal's entries, one line for a web hook.
//
// In:    the alert, its page as text.
// Out:   bytes for `sendmail -t`, for the journal's socket, for `curl -d @-`.
// Never: a header, a field or a line that the recorded host could have made.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "query/report/alert/alert_report.h"

namespace sockwitness::query {

// Throws schema::Error (Usage) for what is no address of a mail.
void require_mail_address(std::string_view to);
// Headers and body. Precondition: `to` is one.
[[nodiscard]] std::string write_alert_mail(const AlertInput& input,
                                           std::string_view to,
                                           std::string_view text);

// One entry for each item, by the journal's native protocol.
[[nodiscard]] std::vector<std::string> write_journal_entries(const AlertInput& input);

// The document and its text as one line of JSON.
[[nodiscard]] std::string write_alert_line(const AlertInput& input, std::string_view text);

}  // namespace sockwitness::query
