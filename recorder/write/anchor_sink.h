// Where the anchor of a record goes at once: to the system's log, which a site ships elsewhere, and
// to a file beside the database.
//
// In:    anchors of records that are committed.
// Out:   a line for each.
// Never: waits, or fails a run: a log that does not take a line is no reason not to record.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "schema/chain/anchor.h"

namespace sockwitness::recorder {

// Nothing: all are there; else why not.
[[nodiscard]] std::optional<std::string> append_anchors(const std::string& database_path,
                                                        const std::vector<schema::Anchor>& anchors);
// To the journal with their message id, else to /dev/log. Hosts without either are none the worse.
void log_anchors(const std::vector<schema::Anchor>& anchors) noexcept;

}  // namespace sockwitness::recorder
