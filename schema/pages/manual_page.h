// The manual page of a program or of one of its commands.
//
// In:    what the help text says, and sections that were written by hand, as roff.
// Out:   a page in man(7): each option of the help text, no other, and the hand-written sections in
//        their places.
// Never: says something of an option that the help text does not.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schema/program/command_text.h"

namespace sockwitness::schema {

// What holds for all the pages of a program.
struct ManualHead {
  std::string section;  // "1"
  std::string date;     // "2026-11-30"
  std::string version;
  std::string title;                  // "User Commands"
  std::vector<std::string> see_also;  // pages of other programs and formats: "ss(8)"
};

// The program, and the commands from it down to the one that the page is about.
using CommandPath = std::vector<const CommandText*>;

// "sockwitness-rules-show"; the words with hyphens.
[[nodiscard]] std::string page_name(const CommandPath& path);

// `written`: sections in roff, the first of them the rest of DESCRIPTION; may be empty.
[[nodiscard]] std::string manual_page(const CommandPath& path,
                                      const ManualHead& head,
                                      std::string_view written);

}  // namespace sockwitness::schema
