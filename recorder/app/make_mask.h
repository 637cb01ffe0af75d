// By which rules, and with which key, secrets among arguments are masked.
//
// In:    what the command line says, the database.
// Out:   the mask; nothing where arguments are to be kept as they are.
// Never: records arguments as they are because rules or a key could not be read.
#pragma once

#include <memory>
#include <string>

#include "recorder/proc/mask.h"

namespace sockwitness::recorder {

// `file`: a file of rules; "off"; empty: /etc/sockwitness/mask, if there is one. Throws
// schema::Error (Usage) for a file that was named and cannot be read, or that has a line that is no
// rule.
[[nodiscard]] std::shared_ptr<const Mask> make_mask(const std::string& file,
                                                    const std::string& database);

}  // namespace sockwitness::recorder
