// What kind of place the output goes to.
//
// In:    a descriptor, the environment, what --color said.
// Out:   whether to colour, and how many columns there are.
// Never: writes.
#pragma once

#include <cstddef>

namespace sockwitness::query {

enum class ColourChoice { Auto, Always, Never };

struct Screen {
  bool colour = false;
  std::size_t width = 0;  // 0: no limit, for files and pipes without COLUMNS
  bool utf8 = false;      // what the locale says: LC_ALL, LC_CTYPE or LANG, the first that is set
};

// cron sets no locale: its mail is ASCII. COLUMNS wins over the terminal's own width; NO_COLOR and
// TERM=dumb over Auto, not over Always.
[[nodiscard]] Screen read_screen(int descriptor, ColourChoice choice);

// A person may be reading; false for files, pipes and cron.
[[nodiscard]] bool is_terminal(int descriptor);

}  // namespace sockwitness::query
