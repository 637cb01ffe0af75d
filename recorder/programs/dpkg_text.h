// The text files of dpkg's database, taken apart.
//
// In:    whole files as bytes: info/*.list, info/*.md5sums, status, diversions.
// Out:   views into that text, in its order; lines that do not fit the format are skipped.
// Never: reads a file, allocates per line, or throws.
// Source: dpkg lib/dpkg/db-fsys-files.c, db-fsys-digest.c, db-fsys-divert.c; deb-md5sums(5).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "schema/base/scan.h"

namespace sockwitness::recorder {

using Md5 = std::array<std::uint8_t, 16>;

// 32 hexadecimal digits of either case and nothing else.
[[nodiscard]] std::optional<Md5> parse_md5(std::string_view text);

// Every absolute path of a .list file that is not known to be a directory: a directory is followed
// at once by what it contains. `visit(path)` gets "/usr/bin/env".
template <class Visit>
void visit_list(std::string_view text, Visit visit) {
  std::string_view path;
  while (!text.empty()) {
    const auto next = schema::scan_until(text, '\n');
    const bool directory =
        next.size() > path.size() && next.starts_with(path) && next[path.size()] == '/';
    if (!path.empty() && !directory) {
      visit(path);
    }
    path = next.starts_with('/') ? next : std::string_view{};
  }
  if (!path.empty()) {
    visit(path);
  }
}

// Every line "7210080490f9fd139c1b44fa0f730988  bin/bash" of a .md5sums file as
// `visit(digest_text, path)`; the path has no leading slash.
template <class Visit>
void visit_checksums(std::string_view text, Visit visit) {
  constexpr std::size_t kDigits = 32;
  while (!text.empty()) {
    const auto line = schema::scan_until(text, '\n');
    if (line.size() > kDigits + 2 && line.substr(kDigits, 2) == "  ") {
      visit(line.substr(0, kDigits), line.substr(kDigits + 2));
    }
  }
}

struct PackageStanza {
  std::string_view name;
  std::string_view architecture;
  std::string_view version;
  bool removed = false;  // its files are gone; dpkg remembers it for its configuration
};

// Takes the next stanza with a name and a version off the front of the status file.
[[nodiscard]] std::optional<PackageStanza> scan_stanza(std::string_view& text);

// "files of every package but `package` that belong at `from` lie at `to`". A local diversion has
// the package ":".
struct Diversion {
  std::string_view from;
  std::string_view to;
  std::string_view package;
};

// Takes the next three lines off the front of the diversions file.
[[nodiscard]] std::optional<Diversion> scan_diversion(std::string_view& text);

}  // namespace sockwitness::recorder
