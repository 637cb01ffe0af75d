// All manual pages and completions of a program, as files.
//
// In:    what the help texts say, a folder with the sections that were written by hand:
//        "sockwitness-show.roff" for the page of that name.
// Out:   a folder with man/NAME.SECTION, bash/NAME, zsh/_NAME, fish/NAME.fish.
// Never: leaves out a section: one for a page that is not made is an error.
#pragma once

#include <span>
#include <string>

#include "schema/pages/manual_page.h"

namespace sockwitness::schema {

// Throws Error.
void write_pages(const CommandText& program,
                 const ManualHead& head,
                 const std::string& written,
                 const std::string& target);

// A program that does it: NAME SECTION WRITTEN TARGET; the section goes into `head`. Returns the
// exit code.
[[nodiscard]] int make_pages(std::span<char*> words, const CommandText& program, ManualHead head);

}  // namespace sockwitness::schema
