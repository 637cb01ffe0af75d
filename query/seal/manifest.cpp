#include "query/seal/manifest.h"

#include <algorithm>

#include <fmt/format.h>

#include "schema/base/scan.h"
#include "schema/chain/hex_bytes.h"
#include "schema/chain/sha256.h"

namespace sockwitness::query {
namespace {

using schema::scan_literal;
using schema::scan_number;
using schema::scan_until;

constexpr std::string_view kFirstLine = "sockwitness-sealed 1";
constexpr std::size_t kLongestName = 64;

schema::Hash digest_of(std::string_view text) {
  schema::Hasher hasher;
  hasher.add(text);
  return hasher.finish();
}

// "WORD A B"
std::optional<Range> take_range(std::string_view line, std::string_view word) {
  Range range;
  if (!scan_literal(line, word)) {
    return std::nullopt;
  }
  const auto first = scan_number<std::int64_t>(line);
  const bool parted = scan_literal(line, " ");
  const auto last = scan_number<std::int64_t>(line);
  if (!first || !parted || !last || !line.empty() || *first < 1 || *last < *first) {
    return std::nullopt;
  }
  return Range{*first, *last};
}

std::optional<RowName> take_row(std::string_view line) {
  if (!scan_literal(line, "row ")) {
    return std::nullopt;
  }
  const std::string_view table = scan_until(line, ' ');
  const auto number = scan_number<std::int64_t>(line);
  const bool is_name = !table.empty() && table.size() <= kLongestName &&
                       std::all_of(table.begin(), table.end(), [](char c) {
                         return (c >= 'a' && c <= 'z') || c == '_';
                       });
  return is_name && number && line.empty() ? std::optional(RowName{std::string(table), *number})
                                           : std::nullopt;
}

// Lines, one after the other; the text as a whole is compared with what it was read as.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) { next(); }

  [[nodiscard]] std::string_view line() const { return line_; }
  [[nodiscard]] bool at_end() const { return at_end_; }
  void next() {
    at_end_ = text_.empty();
    line_ = scan_until(text_, '\n');
  }

 private:
  std::string_view text_;
  std::string_view line_;
  bool at_end_ = false;
};

bool read_head(Lines& lines, Manifest& manifest) {
  if (lines.line() != kFirstLine) {
    return false;
  }
  lines.next();
  std::string_view line = lines.line();
  const auto format =
      scan_literal(line, "format ") ? scan_number<std::int64_t>(line) : std::nullopt;
  if (!format) {
    return false;
  }
  manifest.format = *format;
  lines.next();
  if ((manifest.asked = take_range(lines.line(), "snapshots "))) {
    lines.next();
  }
  for (auto row = take_row(lines.line()); row; row = take_row(lines.line())) {
    manifest.rows.push_back(std::move(*row));
    lines.next();
  }
  if ((manifest.complete = take_range(lines.line(), "records "))) {
    lines.next();
  }
  const auto head = schema::find_anchor(lines.line());
  if (!head) {
    return false;
  }
  manifest.head = *head;
  manifest.archive = head->archive;
  return true;
}

bool read_rest(Lines& lines, Manifest& manifest) {
  for (lines.next(); lines.line().starts_with("sockwitness-key "); lines.next()) {
    const auto key = schema::parse_enrolled_key(lines.line());
    if (!key) {
      return false;
    }
    manifest.keys.push_back(*key);
  }
  for (schema::Hash& file : manifest.files) {
    std::string_view line = lines.line();
    const auto digest =
        scan_literal(line, "file ") ? schema::from_hex<32>(line.substr(0, 64)) : std::nullopt;
    if (!digest) {
      return false;
    }
    file = *digest;
    lines.next();
  }
  return true;
}

}  // namespace

std::string format_manifest(const Manifest& manifest) {
  std::string text = fmt::format("{}\nformat {}\n", kFirstLine, manifest.format);
  if (manifest.asked) {
    text += fmt::format("snapshots {} {}\n", manifest.asked->first, manifest.asked->last);
  }
  for (const RowName& row : manifest.rows) {
    text += fmt::format("row {} {}\n", row.table, row.number);
  }
  if (manifest.complete) {
    text += fmt::format("records {} {}\n", manifest.complete->first, manifest.complete->last);
  }
  text += schema::format_anchor(manifest.head) + "\n";
  for (const schema::EnrolledKey& key : manifest.keys) {
    text += schema::format_enrolled_key(key) + "\n";
  }
  for (std::size_t at = 0; at < kSealedNames.size(); ++at) {
    text += fmt::format("file {}  {}\n", schema::to_hex(manifest.files[at]), kSealedNames[at]);
  }
  return text + fmt::format("sha256 {}\n", schema::to_hex(digest_of(text)));
}

std::optional<Manifest> parse_manifest(std::string_view text) {
  Manifest manifest;
  Lines lines(text);
  if (!read_head(lines, manifest) || !read_rest(lines, manifest)) {
    return std::nullopt;
  }
  return format_manifest(manifest) == text ? std::optional(std::move(manifest)) : std::nullopt;
}

std::string instructions_for(const Manifest& manifest) {
  std::string text = "A sealed export of the records of a host, by sockwitness.\n\n";
  if (manifest.complete) {
    text += fmt::format(
        "It has every row of records {} to {} (snapshots {} to {} were asked for), the rows from\n"
        "before that these lead to, each with a proof of its own, and the links of all records.\n",
        manifest.complete->first,
        manifest.complete->last,
        manifest.asked ? manifest.asked->first : 0,
        manifest.asked ? manifest.asked->last : 0);
  } else {
    text +=
        "It has single rows, each with the proof that it is part of its record, and the links of "
        "all\nrecords. What is not here it says nothing of.\n";
  }
  text +=
      "\nOn any machine, with the program alone; without a network, the database, or its keys:\n\n"
      "  sockwitness verify DIR --key FILE --anchors FILE\n\n"
      "FILE are lines that were kept where nobody who could write the database could change them:\n"
      "what 'sockwitness-recorder keys' printed, and anchors from the log of another machine.\n"
      "Without them it is shown to be consistent in itself. The first key should be:\n\n";
  for (const schema::EnrolledKey& key : manifest.keys) {
    text += fmt::format("  record {}: {}\n", key.record, schema::fingerprint_of(key.public_key));
  }
  text +=
      "\nBy hand, the files:\n\n"
      "  sed -n 's/^file //p' manifest | sha256sum -c\n"
      "  head -n -1 manifest | sha256sum\n\n"
      "The first must say OK four times, the second the last line of manifest. Signatures, heads, "
      "roots and\n"
      "proofs by openssl: section 'A sealed export' of schema/VERIFY.md; every byte of the form: "
      "schema/FORMAT.md.\n";
  return text;
}

}  // namespace sockwitness::query
