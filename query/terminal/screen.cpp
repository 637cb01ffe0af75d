#include "query/terminal/screen.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <string>
#include <string_view>

#include "schema/base/scan.h"

namespace sockwitness::query {
namespace {

std::string_view read_variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

std::size_t read_width(int descriptor) {
  if (const auto columns = schema::parse_number<std::size_t>(read_variable("COLUMNS"))) {
    return *columns;
  }
  winsize size{};
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

bool wants_colour(int descriptor, ColourChoice choice) {
  if (choice != ColourChoice::Auto) {
    return choice == ColourChoice::Always;
  }
  return is_terminal(descriptor) && read_variable("NO_COLOR").empty() &&
         read_variable("TERM") != "dumb";
}

// locale(7): LC_ALL wins over LC_CTYPE, LC_CTYPE over LANG; without any it is "C", which is ASCII.
bool is_utf8_locale() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    std::string locale(read_variable(name));
    if (!locale.empty()) {
      std::transform(locale.begin(), locale.end(), locale.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
      });
      return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
    }
  }
  return false;
}

}  // namespace

Screen read_screen(int descriptor, ColourChoice choice) {
  return {wants_colour(descriptor, choice), read_width(descriptor), is_utf8_locale()};
}

bool is_terminal(int descriptor) {
  return isatty(descriptor) == 1;
}

}  // namespace sockwitness::query
