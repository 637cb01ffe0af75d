#include "query/verify/verifier.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <future>
#include <memory>
#include <system_error>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "query/verify/chain_check.h"
#include "query/verify/key_state.h"
#include "query/verify/known_anchors.h"
#include "query/verify/place_check.h"
#include "schema/base/error.h"
#include "schema/chain/anchor.h"
#include "schema/chain/hex_bytes.h"
#include "schema/disk/connection.h"
#include "schema/disk/database.h"
#include "schema/disk/reading_guard.h"

namespace sockwitness::query {
namespace {

using schema::EnrolledKey;
using schema::Error;
using schema::ExitCode;

bool exists(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0;
}

void add(Verdict& verdict, std::optional<std::int64_t> record, std::string what) {
  ++verdict.problem_count;
  verdict.problems.push_back({record, std::nullopt, std::move(what)});
}

std::vector<EnrolledKey> read_keys(const std::vector<std::string>& files) {
  std::vector<EnrolledKey> keys;
  for (const std::string& path : files) {
    std::ifstream file(path, std::ios::binary);
    const std::size_t before = keys.size();
    for (std::string line; std::getline(file, line);) {
      while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) {
        line.pop_back();
      }
      const auto at = line.find("sockwitness-key ");
      if (at == std::string::npos) {
        continue;
      }
      if (const auto key = schema::parse_enrolled_key(std::string_view(line).substr(at))) {
        keys.push_back(*key);
      }
    }
    if (keys.size() == before) {
      throw Error(ExitCode::Usage,
                  fmt::format("reading key '{}': {}",
                              path,
                              file.is_open() ? "no line of it is a key" : "it cannot be read"),
                  "it is what this wrote: sockwitness-recorder keys");
    }
  }
  return keys;
}

KnownAnchors read_anchors(const VerifyRequest& request) {
  KnownAnchors anchors;
  for (const std::string& path : request.anchor_files) {
    const bool beside = path == schema::anchor_file_of(request.database) ||
                        path == schema::older_anchor_file_of(request.database);
    anchors.add_file(path, beside ? KnownAnchors::Origin::Beside : KnownAnchors::Origin::Outside);
  }
  for (const std::string& path :
       {schema::older_anchor_file_of(request.database), schema::anchor_file_of(request.database)}) {
    const auto& named = request.anchor_files;
    if (exists(path) && std::find(named.begin(), named.end(), path) == named.end()) {
      try {
        anchors.add_file(path, KnownAnchors::Origin::Beside);
      } catch (const Error&) {
        continue;  // not readable: told by its absence
      }
    }
  }
  return anchors;
}

// SQLite's own look at pages and indexes: rows that are right may be found by wrong ways.
std::vector<std::string> find_odd_pages(SQLite::Database& sqlite) {
  std::vector<std::string> found;
  try {
    SQLite::Statement look(sqlite, "PRAGMA integrity_check(20)");
    while (look.executeStep()) {
      if (std::string word = look.getColumn(0).getString(); word != "ok") {
        found.push_back("pages or indexes do not fit: " + word);
      }
    }
  } catch (const SQLite::Exception& failure) {
    found.push_back(fmt::format("pages cannot be read: {}", failure.what()));
  }
  return found;
}

// Beside the rows, by a connection of its own; a private copy has only one.
std::future<std::vector<std::string>> look_at_pages(schema::Database& database) {
  const auto alone = [&database] { return find_odd_pages(database.sqlite()); };
  if (database.is_copy()) {
    return std::async(std::launch::deferred, alone);
  }
  try {
    return std::async(std::launch::async, [path = database.path()] {
      std::unique_ptr<schema::ReadingGuard> guard;  // outlives the connection
      const auto sqlite = schema::open_connection(
          path, SQLite::OPEN_READONLY, static_cast<int>(schema::kUsualPatience.count()));
      guard = std::make_unique<schema::ReadingGuard>(*sqlite);
      const auto read = [&](const char* pragma) { return sqlite->execAndGet(pragma).getInt64(); };
      guard->know_size(read("PRAGMA page_count") * read("PRAGMA page_size"));
      return find_odd_pages(*sqlite);
    });
  } catch (const std::system_error&) {
    return std::async(std::launch::deferred, alone);  // no thread is to be had
  }
}

void judge_keys(const std::vector<EnrolledKey>& keys, const ChainCheck& chain, Verdict& verdict) {
  for (const EnrolledKey& key : keys) {
    if (key.archive != verdict.archive) {
      add(verdict,
          verdict.first_linked,
          fmt::format("the key that was given is of archive {}, this is {}: another file, or one "
                      "that was put in its place",
                      key.archive,
                      verdict.archive));
      continue;
    }
    const auto signs = chain.key_of(key.record);
    if (!signs || *signs != key.public_key) {
      add(verdict,
          key.record,
          fmt::format("record {} is not signed by the key that was given: the key is wrong, or the "
                      "chain was made anew",
                      key.record));
      continue;
    }
    for (KeySegment& segment : verdict.segments) {
      if (segment.first <= key.record && key.record <= segment.last) {
        segment.given = true;
        verdict.authenticated_to = std::max(verdict.authenticated_to.value_or(0), segment.last);
      }
    }
  }
}

void look_into(schema::Database& database,
               const VerifyRequest& request,
               const std::vector<EnrolledKey>& keys,
               const KnownAnchors& anchors,
               Verdict& verdict) {
  SQLite::Database& sqlite = database.sqlite();
  if (database.is_copy()) {
    verdict.notes.push_back(
        "a journal or log lies beside the file: what was verified is a private copy in which it "
        "was applied");
  }
  ChainCheck chain(sqlite, anchors, request.on_progress);
  for (const EnrolledKey& key : keys) {
    chain.ask_for_key(key.record);
  }
  auto pages = look_at_pages(database);
  try {
    chain.run(verdict);
  } catch (const SQLite::Exception& failure) {
    add(verdict, std::nullopt, fmt::format("it cannot be read to its end: {}", failure.what()));
  } catch (const Error& failure) {
    add(verdict, std::nullopt, failure.message());
  }
  for (std::string& what : pages.get()) {
    add(verdict, std::nullopt, std::move(what));
  }
  if (verdict.links == 0) {
    if (!keys.empty() ||
        anchors.of(chain.archive().value_or(schema::ArchiveId{})).by_record.size() > 0) {
      add(verdict, verdict.first_record, "no record has a signature");
    }
    return;
  }
  judge_keys(keys, chain, verdict);
  check_key_state(request.database, chain.successor(), verdict);
}

void conclude(Verdict& verdict) {
  if (verdict.problem_count > 0) {
    verdict.result = Verdict::Result::Altered;
  } else if (verdict.links == 0) {
    verdict.result = Verdict::Result::Unsigned;
  }
  if (verdict.result != Verdict::Result::Intact) {
    verdict.authenticated_to.reset();
  }
}

}  // namespace

Verdict verify(const VerifyRequest& request) {
  const auto keys = read_keys(request.key_files);
  const KnownAnchors anchors = read_anchors(request);
  Verdict verdict;
  verdict.unreadable_lines = anchors.unreadable();
  check_place(request.database, verdict);
  try {
    schema::Database database = schema::Database::open_for_reading(request.database);
    look_into(database, request, keys, anchors, verdict);
  } catch (const schema::ForeignSchema& altered) {
    add(verdict, std::nullopt, altered.message());
  } catch (const schema::NothingYet& nothing) {
    if (!exists(request.database)) {
      throw;
    }
    add(verdict, std::nullopt, nothing.message());
    verdict.result = Verdict::Result::Unreadable;
    return verdict;
  } catch (const Error& refused) {
    if (refused.code() != ExitCode::Unusable || !exists(request.database)) {
      throw;
    }
    add(verdict, std::nullopt, refused.message());
    conclude(verdict);
    if (!has_sidecar(request.database)) {
      verdict.result = Verdict::Result::Unreadable;
    }
    return verdict;
  }
  conclude(verdict);
  return verdict;
}

}  // namespace sockwitness::query
