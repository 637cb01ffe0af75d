#include "query/verify/verifier.h"

#include <sys/stat.h>

#include <algorithm>
#include <future>
#include <memory>
#include <system_error>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "query/verify/chain_check.h"
#include "query/verify/given_keys.h"
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

KnownAnchors read_anchors(const VerifyRequest& request) {
  KnownAnchors anchors;
  for (const std::string& path : request.anchor_files) {
    const bool beside = path == schema::anchor_file_of(request.database) ||
                        path == schema::older_anchor_file_of(request.database);
    anchors.add_file(path, beside ? KnownAnchors::Origin::Beside : KnownAnchors::Origin::Outside);
  }
  read_stamps(request.stamps, anchors);
  add_anchors_beside(request.database, request.anchor_files, anchors);
  return anchors;
}

// SQLite's own check of pages and indexes: rows that are right may be found by wrong ways.
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
  judge_keys(
      keys, [&](std::int64_t record) { return chain.key_of(record); }, verdict);
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
