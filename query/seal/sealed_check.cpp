#include "query/seal/sealed_check.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

#include "query/seal/sealed_rows.h"
#include "query/verify/given_keys.h"
#include "schema/base/error.h"
#include "schema/chain/hex_bytes.h"
#include "schema/disk/migrate.h"

namespace sockwitness::query {
namespace {

using schema::Error;
using schema::ExitCode;

constexpr std::uintmax_t kLongestManifest = std::uintmax_t{16} << 20;

// A regular file of that folder, or a stream that is not open.
std::ifstream open_file(const std::string& folder, std::string_view name) {
  const std::string path = folder + "/" + std::string(name);
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return {};
  }
  return std::ifstream(path, std::ios::binary);
}

// Lines of a file, while its digest is made; none is left out of it.
class HashedLines {
 public:
  HashedLines(const std::string& folder, std::string_view name) : file_(open_file(folder, name)) {}

  bool next() {
    if (!std::getline(file_, line_)) {
      return false;
    }
    hasher_.add(line_);
    if (!file_.eof()) {
      hasher_.add("\n");
    }
    return true;
  }
  [[nodiscard]] const std::string& line() const { return line_; }
  [[nodiscard]] schema::Hash digest() { return hasher_.finish(); }

 private:
  std::ifstream file_;
  std::string line_;
  schema::Hasher hasher_;
};

class SealedCheck {
 public:
  SealedCheck(const SealedRequest& request, const Manifest& manifest, const KnownAnchors& anchors)
      : request_(request), manifest_(manifest), chain_(manifest.archive, anchors) {}

  void run(Verdict& verdict) {
    read_links(verdict);
    read_rows(verdict);
    read_anchors(verdict);
    read_instructions(verdict);
    compare_manifest(verdict);
  }
  [[nodiscard]] const SealedChain& chain() const { return chain_; }

 private:
  void require_digest(HashedLines& lines, std::size_t file, Verdict& verdict) {
    if (lines.digest() != manifest_.files[file]) {
      add_problem(verdict,
                  std::nullopt,
                  fmt::format("'{}' is not the file that the manifest names", kSealedNames[file]));
    }
  }

  void read_links(Verdict& verdict) {
    HashedLines lines(request_.folder, kLinksName);
    while (lines.next()) {
      const auto link = parse_sealed_link(lines.line());
      if (!link) {
        add_problem(verdict,
                    chain_.last() + 1,
                    fmt::format("a line of '{}' is not of its form", kLinksName));
        continue;
      }
      chain_.add(*link, verdict);
      if (request_.on_progress && link->record % kPart == 0) {
        request_.on_progress(link->record, manifest_.head.record);
      }
    }
    require_digest(lines, 0, verdict);
    verdict.links = chain_.last() == 0 ? 0 : chain_.last() - chain_.first() + 1;
    chain_.finish(verdict);
  }

  void read_rows(Verdict& verdict) {
    HashedLines lines(request_.folder, kRowsName);
    const TableColumns columns = read_table_columns();
    SealedRows rows(manifest_, chain_);
    while (lines.next()) {
      const auto row = parse_sealed_row(lines.line(), columns);
      if (!row) {
        add_problem(
            verdict, std::nullopt, fmt::format("a line of '{}' is not of its form", kRowsName));
        continue;
      }
      rows.add(*row, verdict);
    }
    rows.finish(verdict);
    require_digest(lines, 1, verdict);
    verdict.rows = rows.complete();
    verdict.sealed_rows = rows.single();
    for (const schema::EnrolledKey& key : chain_.segments()) {
      KeySegment segment;
      segment.first = key.record;
      segment.public_key = schema::to_hex(key.public_key);
      segment.fingerprint = schema::fingerprint_of(key.public_key);
      if (const auto told = rows.segments().find(key.record); told != rows.segments().end()) {
        segment.reason = told->second.reason;
        segment.known = told->second.known;
      }
      if (!verdict.segments.empty()) {
        verdict.segments.back().last = key.record - 1;
      }
      verdict.segments.push_back(segment);
      verdict.segments.back().last = chain_.last();
    }
  }

  // Those that were given when the export was made, each as its link is.
  void read_anchors(Verdict& verdict) {
    HashedLines lines(request_.folder, kAnchorsName);
    while (lines.next()) {
      const auto anchor = schema::find_anchor(lines.line());
      if (!anchor || schema::format_anchor(*anchor) != lines.line() ||
          chain_.anchor_of(anchor->record) != *anchor) {
        add_problem(verdict,
                    anchor ? std::optional(anchor->record) : std::nullopt,
                    fmt::format("a line of '{}' is no anchor of a record here", kAnchorsName));
        continue;
      }
      verdict.agrees_beside_to = anchor->record;
    }
    require_digest(lines, 2, verdict);
  }

  void read_instructions(Verdict& verdict) {
    HashedLines lines(request_.folder, kInstructionsName);
    std::string text;
    while (lines.next() && text.size() < kLongestManifest) {
      text += lines.line() + "\n";
    }
    if (text != instructions_for(manifest_)) {
      add_problem(verdict,
                  std::nullopt,
                  fmt::format("'{}' is not that of such an export", kInstructionsName));
    }
    require_digest(lines, 3, verdict);
  }

  void compare_manifest(Verdict& verdict) const {
    if (manifest_.head != chain_.head()) {
      add_problem(verdict, manifest_.head.record, "the manifest names another head");
    }
    const auto same = [](const schema::EnrolledKey& left, const schema::EnrolledKey& right) {
      return left.archive == right.archive && left.record == right.record &&
             left.public_key == right.public_key;
    };
    const auto& keys = chain_.segments();
    if (!std::equal(keys.begin(), keys.end(), manifest_.keys.begin(), manifest_.keys.end(), same)) {
      add_problem(verdict, std::nullopt, "the manifest names other keys");
    }
    if (!manifest_.complete && (manifest_.asked || manifest_.rows.empty())) {
      add_problem(verdict, std::nullopt, "the manifest names neither records nor rows");
    }
  }

  static constexpr std::int64_t kPart = 500;
  const SealedRequest& request_;
  const Manifest& manifest_;
  SealedChain chain_;
};

std::optional<Manifest> read_manifest(const std::string& folder) {
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
    throw Error(
        ExitCode::Unusable,
        fmt::format("opening sealed export '{}': {}",
                    folder,
                    std::generic_category().message(S_ISREG(status.st_mode) ? ENOTDIR : ENOENT)),
        "name the folder that 'sockwitness seal' made; a database: --db PATH");
  }
  std::ifstream file = open_file(folder, kManifestName);
  if (!file.is_open()) {
    throw Error(
        ExitCode::Unusable,
        fmt::format(
            "opening sealed export '{}': it has no readable file '{}'", folder, kManifestName),
        "name the folder that 'sockwitness seal' made");
  }
  std::string text(kLongestManifest, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return parse_manifest(text);
}

void add_notes(const Manifest& manifest, Verdict& verdict) {
  if (manifest.complete) {
    verdict.notes.push_back(fmt::format(
        "a sealed export: it has all rows of records {} to {}, {} rows from before that these lead "
        "to, each with its proof, and of all other records the links alone",
        manifest.complete->first,
        manifest.complete->last,
        verdict.sealed_rows));
  } else {
    verdict.notes.push_back(
        fmt::format("a sealed export: it has {} rows, each with the proof that it is part of its "
                    "record; what else there was it does not tell",
                    verdict.sealed_rows));
  }
}

}  // namespace

Verdict verify_sealed(const SealedRequest& request) {
  const auto keys = read_keys(request.key_files);
  KnownAnchors anchors;
  for (const std::string& path : request.anchor_files) {
    anchors.add_file(path, KnownAnchors::Origin::Outside);
  }
  read_stamps(request.stamps, anchors);
  Verdict verdict;
  verdict.unreadable_lines = anchors.unreadable();
  const auto manifest = read_manifest(request.folder);
  if (!manifest) {
    add_problem(verdict, std::nullopt, fmt::format("'{}' is not as it was written", kManifestName));
    verdict.result = Verdict::Result::Altered;
    return verdict;
  }
  if (manifest->format > schema::kFormatVersion) {
    throw Error(ExitCode::Unusable,
                fmt::format("opening sealed export '{}': it is of format {}, this program knows {}",
                            request.folder,
                            manifest->format,
                            schema::kFormatVersion),
                "use a newer sockwitness");
  }
  SealedCheck check(request, *manifest, anchors);
  check.run(verdict);
  verdict.archive = schema::to_hex(manifest->archive);
  verdict.head = schema::to_hex(manifest->head.head);
  verdict.first_record = verdict.first_linked = check.chain().first();
  verdict.last_record = check.chain().last();
  if (manifest->asked) {
    verdict.first_seq = manifest->asked->first;
    verdict.last_seq = manifest->asked->last;
  }
  judge_keys(
      keys, [&](std::int64_t record) { return check.chain().key_of(record); }, verdict);
  add_notes(*manifest, verdict);
  if (verdict.problem_count > 0) {
    verdict.result = Verdict::Result::Altered;
    verdict.authenticated_to.reset();
  }
  return verdict;
}

}  // namespace sockwitness::query
