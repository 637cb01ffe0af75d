// What still hangs, as text: one boot, one line for each reading that did not come back.
//
// In:    "boot 6f0c…\nhung 4711 4712 93500000000 1763869800000000 program 812 1520000000 54 0 \n"
// Out:   the readings; or the text of them.
// Never: takes a line that it cannot read for one that says nothing hangs: it is passed over, and
//        what it named is tried again.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "recorder/observe/hangs.h"

namespace sockwitness::recorder {

struct HangText {
  std::string boot_id;  // threads of another boot are gone
  std::vector<Hang> hangs;

  friend bool operator==(const HangText&, const HangText&) = default;
};

[[nodiscard]] HangText parse_hang_text(std::string_view text);
[[nodiscard]] std::string format_hang_text(const HangText& content);

}  // namespace sockwitness::recorder
