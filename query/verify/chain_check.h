// The chain of records, link by link: rows, heads, signatures, keys.
//
// In:    a connection to a database of ours.
// Out:   everything that does not add up, the first ones by record; what the chain says of itself.
// Never: holds a lock for longer than a part of the work, so that a recorder need not wait; a
//        record that it did not compute.
#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "query/verify/known_anchors.h"
#include "query/verify/verdict.h"
#include "schema/chain/hasher.h"
#include "schema/chain/key_text.h"
#include "schema/disk/chained_rows.h"
#include "schema/disk/retention_rows.h"
#include "schema/disk/thinned_spans.h"

namespace SQLite {
class Database;
}

namespace sockwitness::query {

class ChainCheck {
 public:
  // Told how many records are done, of how many.
  using OnProgress = std::function<void(std::int64_t done, std::int64_t all)>;

  ChainCheck(SQLite::Database& sqlite, const KnownAnchors& anchors, OnProgress on_progress);

  // Fills what the verdict says of the chain. Throws SQLite::Exception where the file cannot be
  // read on.
  void run(Verdict& verdict);

  // After run(): the keys that sign records, of those that were asked for, and the next one.
  void ask_for_key(std::int64_t record) { keys_[record]; }
  [[nodiscard]] std::optional<schema::PublicKey> key_of(std::int64_t record) const;
  [[nodiscard]] const schema::PublicKey& successor() const { return key_; }
  [[nodiscard]] std::optional<schema::ArchiveId> archive() const { return archive_; }

 private:
  struct Link;
  struct ToVerify {
    std::int64_t record;
    schema::PublicKey key;
    schema::Hash head;
    schema::Signature signature;
  };
  using Bad = std::vector<std::int64_t>;

  [[nodiscard]] bool read_part(Verdict& verdict);
  void check(const Link& link, Verdict& verdict);
  void check_rows(const Link& link, Verdict& verdict);
  void check_head(const Link& link, Verdict& verdict);
  void read_prunes();
  void place_pruned_anchor(const Link& link);
  void take_key(const Link& link, Verdict& verdict);
  void compare_anchors(const Link& link, Verdict& verdict);
  void look_at_environment(const Link& link, Verdict& verdict);
  void finish(Verdict& verdict);
  void read_archive();
  void map_anchors();
  void start_verifying();
  void collect(Verdict& verdict, std::size_t most_left);
  void report(Verdict& verdict, std::int64_t record, std::string what);

  SQLite::Database& sqlite_;
  const KnownAnchors& known_;
  OnProgress on_progress_;
  schema::Hasher hasher_;
  schema::Marks marks_;
  schema::ChainedRows rows_;
  std::optional<schema::ArchiveId> archive_;
  std::optional<schema::KeptRows> kept_;  // what the last prune left
  schema::ThinnedSpans thinned_;
  std::map<std::int64_t, std::string> prunes_;  // and thinnings, by their record
  std::map<std::int64_t, KnownAnchors::Known> pruned_anchors_;
  KnownAnchors::Of anchors_;

  std::int64_t last_ = 0;    // record of the link before
  schema::Hash head_{};      // and its head
  schema::PublicKey key_{};  // that signs the next one
  bool key_known_ = false;
  schema::Hash environment_{};
  std::map<std::int64_t, std::optional<schema::PublicKey>> keys_;

  std::vector<ToVerify> batch_;
  std::vector<std::future<Bad>> running_;
};

}  // namespace sockwitness::query
