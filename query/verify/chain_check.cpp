#include "query/verify/chain_check.h"

#include <algorithm>
#include <limits>
#include <system_error>
#include <utility>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "query/verify/stamps.h"
#include "schema/chain/hex_bytes.h"
#include "schema/disk/sql.h"

namespace sockwitness::query {
namespace {

using schema::Hash;

constexpr std::size_t kMostProblems = 10'000;
constexpr std::size_t kMostTold = 100;
constexpr std::int64_t kPart = 500;      // records under one lock
constexpr std::size_t kBatchSize = 256;  // signatures for one thread
constexpr std::size_t kMostRunning = 4;

std::optional<std::int64_t> integer_at(SQLite::Statement& row, int column) {
  const SQLite::Column value = row.getColumn(column);
  return value.isInteger() ? std::optional<std::int64_t>(value.getInt64()) : std::nullopt;
}

template <std::size_t Size>
std::optional<std::array<std::uint8_t, Size>> bytes_at(SQLite::Statement& row, int column) {
  const SQLite::Column value = row.getColumn(column);
  if (!value.isBlob()) {
    return std::nullopt;
  }
  return schema::from_bytes<Size>(
      {static_cast<const char*>(value.getBlob()), static_cast<std::size_t>(value.getBytes())});
}

}  // namespace

struct ChainCheck::Link {
  std::int64_t record = 0;
  std::optional<std::int64_t> leaves;
  std::optional<std::string> advance;
  std::optional<Hash> root;
  std::optional<schema::PublicKey> successor;
  std::optional<Hash> head;
  std::optional<schema::Signature> signature;
  std::optional<std::int64_t> kind;
  std::optional<std::int64_t> written_us;
  bool begins_segment = false;
  std::optional<schema::PublicKey> segment_key;
  std::optional<std::int64_t> segment_reason;
  std::optional<std::int64_t> segment_known;
  bool new_environment = false;
  std::optional<std::int64_t> seq;

  explicit Link(SQLite::Statement& row) {
    record = row.getColumn(0).getInt64();
    leaves = integer_at(row, 1);
    if (const SQLite::Column value = row.getColumn(2); value.isBlob()) {
      advance.emplace(static_cast<const char*>(value.getBlob()),
                      static_cast<std::size_t>(value.getBytes()));
    }
    root = bytes_at<32>(row, 3);
    successor = bytes_at<32>(row, 4);
    head = bytes_at<32>(row, 5);
    signature = bytes_at<64>(row, 6);
    kind = integer_at(row, 7);
    written_us = integer_at(row, 8);
    begins_segment = !row.isColumnNull(9);
    segment_key = bytes_at<32>(row, 10);
    segment_reason = integer_at(row, 11);
    segment_known = integer_at(row, 12);
    new_environment = !row.isColumnNull(13);
  }
  [[nodiscard]] bool is_whole() const {
    return leaves && advance && root && successor && head && signature && kind && written_us;
  }
};

ChainCheck::ChainCheck(SQLite::Database& sqlite,
                       const KnownAnchors& anchors,
                       OnProgress on_progress)
    : sqlite_(sqlite),
      known_(anchors),
      on_progress_(std::move(on_progress)),
      rows_(sqlite.getHandle(), {}) {
}

void ChainCheck::report(Verdict& verdict, std::int64_t record, std::string what) {
  ++verdict.problem_count;
  if (verdict.problems.size() < kMostProblems) {
    verdict.problems.push_back({record, std::nullopt, std::move(what)});
  }
}

std::optional<schema::PublicKey> ChainCheck::key_of(std::int64_t record) const {
  const auto found = keys_.find(record);
  return found == keys_.end() ? std::nullopt : found->second;
}

void ChainCheck::read_archive() {
  SQLite::Statement read(sqlite_, "SELECT uuid FROM archive WHERE id = 1");
  if (read.executeStep()) {
    archive_ = bytes_at<16>(read, 0);
  }
}

// Told as what they are: nothing of it is missing without a record.
void ChainCheck::read_prunes() {
  kept_ = schema::read_kept_rows(sqlite_);
  SQLite::Statement read(
      sqlite_, "SELECT prune.record, first_seq, last_seq FROM prune ORDER BY prune.record");
  while (read.executeStep()) {
    prunes_.emplace(
        read.getColumn(0).getInt64(),
        fmt::format(
            "snapshots {} to {} were pruned: their links are whole, their rows are not there",
            read.getColumn(1).getInt64(),
            read.getColumn(2).getInt64()));
  }
  thinned_ = schema::ThinnedSpans(sqlite_);
  SQLite::Statement thins(
      sqlite_, "SELECT record, first_seq, last_seq, snapshots FROM thin ORDER BY record");
  while (thins.executeStep()) {
    prunes_.emplace(
        thins.getColumn(0).getInt64(),
        fmt::format("{} of snapshots {} to {} were thinned: their links are whole, what lived "
                    "between those that stayed whole alone is not there",
                    thins.getColumn(3).getInt64(),
                    thins.getColumn(1).getInt64(),
                    thins.getColumn(2).getInt64()));
  }
}

// Those that name a snapshot: which record it is.
void ChainCheck::map_anchors() {
  if (!archive_) {
    return;
  }
  anchors_ = known_.of(*archive_);
  SQLite::Statement find(sqlite_, "SELECT record FROM snapshot WHERE seq = ?1");
  SQLite::Statement last(sqlite_, "SELECT coalesce(max(record), 0) FROM link");
  last.executeStep();
  const std::int64_t end = last.getColumn(0).getInt64();
  for (const auto& [seq, told] : anchors_.by_seq) {
    find.reset();
    find.bind(1, seq);
    const bool found = find.executeStep();
    if (!found && kept_ && seq <= kept_->pruned_until.value()) {
      pruned_anchors_.emplace(seq, told);  // its link will say which record it was
      continue;
    }
    // A snapshot that is not there lies behind the end, or there would be a hole.
    const std::int64_t record = found ? find.getColumn(0).getInt64() : end + seq;
    KnownAnchors::Known& known = anchors_.by_record[record];
    known.heads.insert(told.heads.begin(), told.heads.end());
    known.outside = known.outside || told.outside;
  }
}

void ChainCheck::run(Verdict& verdict) {
  bool more = true;
  bool first = true;
  while (more) {
    SQLite::Transaction transaction(sqlite_);
    if (first) {
      read_archive();
      read_prunes();
      map_anchors();
      first = false;
    }
    more = read_part(verdict);
    if (!more) {
      finish(verdict);
    }
    rows_.release();
    transaction.commit();
  }
  start_verifying();
  collect(verdict, 0);
  std::stable_sort(verdict.problems.begin(),
                   verdict.problems.end(),
                   [](const Problem& left, const Problem& right) {
                     constexpr auto kWhole = std::numeric_limits<std::int64_t>::max();
                     return left.record.value_or(kWhole) < right.record.value_or(kWhole);
                   });
  verdict.problems.resize(std::min(verdict.problems.size(), kMostTold));
  SQLite::Statement snapshot(sqlite_, "SELECT seq FROM snapshot WHERE record = ?1");
  for (Problem& problem : verdict.problems) {
    snapshot.reset();
    snapshot.bind(1, problem.record.value_or(0));
    problem.seq = snapshot.executeStep() ? integer_at(snapshot, 0) : std::nullopt;
  }
}

// False: no link is left.
bool ChainCheck::read_part(Verdict& verdict) {
  SQLite::Statement links(sqlite_, std::string(schema::sql::kReadLinks));
  links.bind(1, last_);
  links.bind(2, kPart);
  std::int64_t read = 0;
  while (links.executeStep()) {
    check(Link(links), verdict);
    ++read;
  }
  if (on_progress_) {
    SQLite::Statement all(sqlite_, "SELECT coalesce(max(record), 0) FROM link");
    all.executeStep();
    on_progress_(last_, all.getColumn(0).getInt64());
  }
  return read == kPart;
}

void ChainCheck::take_key(const Link& link, Verdict& verdict) {
  const bool follows = last_ != 0 && link.record == last_ + 1;
  if (link.begins_segment) {
    key_known_ = link.segment_key.has_value();
    key_ = link.segment_key.value_or(schema::PublicKey{});
    KeySegment segment;
    segment.first = link.record;
    segment.public_key = schema::to_hex(key_);
    segment.fingerprint = schema::fingerprint_of(key_);
    segment.reason = link.segment_reason.value_or(0);
    segment.known = link.segment_known;
    verdict.segments.push_back(segment);
  } else if (last_ == 0) {
    key_known_ = false;
    SQLite::Statement begin(sqlite_, "SELECT min(record) FROM key_segment");
    begin.executeStep();
    const std::int64_t first = integer_at(begin, 0).value_or(0);
    const bool is_missing = first > 0 && first < link.record;
    report(verdict,
           is_missing ? first : link.record,
           is_missing ? "its link is missing" : "the chain begins without a key");
  } else if (!follows) {
    key_known_ = false;
  }
  if (!verdict.segments.empty()) {
    verdict.segments.back().last = link.record;
  }
  if (const auto asked = keys_.find(link.record); asked != keys_.end() && key_known_) {
    asked->second = key_;
  }
}

void ChainCheck::look_at_environment(const Link& link, Verdict& verdict) {
  if (!link.new_environment) {
    return;
  }
  environment_ = schema::hash_row(sqlite_.getHandle(), hasher_, "environment", link.record);
  SQLite::Statement read(sqlite_, std::string(schema::sql::kReadEnvironmentWords));
  read.bind(1, link.record);
  if (!read.executeStep()) {
    return;
  }
  for (int column = 0; column < read.getColumnCount() && last_ != 0; ++column) {
    if (read.getColumn(column).getInt() != 0) {
      verdict.events.push_back({link.record, read.getColumnName(column)});
    }
  }
}

// Of the records up to the last prune not all rows are left, nor of thinned snapshots: those that
// are, are one whole.
void ChainCheck::check_rows(const Link& link, Verdict& verdict) {
  const bool of_prune = kept_ && link.record == kept_->until_record;
  const schema::ThinnedSpan* const span = thinned_.find_record(link.record);
  if ((kept_ && link.record < kept_->until_record) ||
      (!of_prune && span != nullptr && link.record < span->last_record)) {
    return;
  }
  std::string whose;
  std::int64_t signed_leaves = *link.leaves;
  Hash signed_root = *link.root;
  if (of_prune) {
    whose = fmt::format("a prune left rows of records up to {}: ", link.record);
    signed_leaves = kept_->leaves;
    signed_root = kept_->root;
  } else if (span != nullptr) {
    whose = fmt::format(
        "a thinning left rows of records {} to {}: ", span->first_record, span->last_record);
    signed_leaves = span->leaves;
    signed_root = span->root;
  }
  const schema::RowsRoot rows = rows_.read(hasher_, marks_);
  verdict.rows += rows.leaves;
  if (rows.leaves != signed_leaves) {
    report(
        verdict,
        link.record,
        fmt::format("{}it has {} rows, and was signed with {}", whose, rows.leaves, signed_leaves));
  } else if (rows.root != signed_root) {
    report(verdict, link.record, whose + "a row of it is another than the one that was signed");
  }
}

void ChainCheck::check_head(const Link& link, Verdict& verdict) {
  schema::LinkHead head;
  head.archive = archive_.value_or(schema::ArchiveId{});
  head.record = link.record;
  head.kind = *link.kind;
  head.written_us = *link.written_us;
  head.previous = head_;
  head.key = key_;
  head.successor = *link.successor;
  head.environment = environment_;
  head.leaves = *link.leaves;
  head.root = *link.root;
  head.marks = marks_;
  const bool previous_known = last_ == 0 || link.record == last_ + 1;
  if (!key_known_ || !previous_known) {
    return;  // said already
  }
  if (schema::hash_link_head(hasher_, head) != *link.head) {
    report(verdict, link.record, "its head is not that of what it says");
  }
  batch_.push_back({link.record, key_, *link.head, *link.signature});
  if (batch_.size() >= kBatchSize) {
    start_verifying();
    collect(verdict, kMostRunning);
  }
}

void ChainCheck::place_pruned_anchor(const Link& link) {
  constexpr std::int64_t kSnapshot = 1;
  const auto told = link.kind == kSnapshot
                        ? pruned_anchors_.find(schema::mark_of(marks_, schema::kSnapshotNumbering))
                        : pruned_anchors_.end();
  if (told != pruned_anchors_.end()) {
    KnownAnchors::Known& known = anchors_.by_record[link.record];
    known.heads.insert(told->second.heads.begin(), told->second.heads.end());
    known.outside = known.outside || told->second.outside;
  }
}

void ChainCheck::compare_anchors(const Link& link, Verdict& verdict) {
  const std::int64_t seq = schema::mark_of(marks_, schema::kSnapshotNumbering);
  if (link.head && take_stamp(known_, link.record, *link.head, verdict)) {
    verdict.anchor(link.record, link.written_us.value_or(0), seq);
  }
  const auto told = anchors_.by_record.find(link.record);
  if (told == anchors_.by_record.end() || !link.head) {
    return;
  }
  for (const Hash& head : told->second.heads) {
    if (head != *link.head) {
      report(verdict, link.record, "an anchor tells of another record in its place");
      return;
    }
  }
  if (!told->second.outside) {
    verdict.agrees_beside_to = link.record;
    return;
  }
  verdict.anchor(link.record, link.written_us.value_or(0), seq);
}

void ChainCheck::check(const Link& link, Verdict& verdict) {
  if (verdict.links++ == 0) {
    verdict.first_linked = link.record;
  } else if (link.record != last_ + 1) {
    const auto missing = link.record - last_ - 1;
    report(verdict,
           last_ + 1,
           missing == 1 ? "its link is missing"
                        : fmt::format("the links of {} records are missing from here", missing));
  }
  take_key(link, verdict);
  look_at_environment(link, verdict);
  const auto marks = link.advance ? schema::decode_advance(marks_, *link.advance) : std::nullopt;
  if (!link.is_whole() || !marks) {
    report(
        verdict,
        link.record,
        link.kind ? "its link is not of the form that links have" : "the record itself is missing");
  } else {
    marks_ = *marks;
    if (schema::mark_of(marks_, schema::kRecordNumbering) != link.record) {
      marks_[schema::kRecordNumbering] = link.record;
      report(verdict, link.record, "its link does not count records as they are numbered");
    }
    check_rows(link, verdict);
    check_head(link, verdict);
    place_pruned_anchor(link);
  }
  compare_anchors(link, verdict);
  if (const auto prune = prunes_.find(link.record); prune != prunes_.end()) {
    verdict.events.push_back({link.record, prune->second});
  }
  last_ = link.record;
  head_ = link.head.value_or(Hash{});
  key_known_ = link.successor.has_value();
  key_ = link.successor.value_or(schema::PublicKey{});
}

// With the last link under the same lock.
void ChainCheck::finish(Verdict& verdict) {
  SQLite::Statement ends(sqlite_, std::string(schema::sql::kReadRecordEnds));
  ends.executeStep();
  verdict.first_record = ends.getColumn(0).getInt64();
  verdict.last_record = ends.getColumn(1).getInt64();
  verdict.first_seq = integer_at(ends, 2);
  verdict.last_seq = integer_at(ends, 3);
  verdict.archive = archive_ ? schema::to_hex(*archive_) : std::string();
  verdict.head = last_ == 0 ? std::string() : schema::to_hex(head_);
  if (last_ == 0) {
    return;
  }
  if (verdict.first_record > 1) {
    report(verdict,
           1,
           verdict.first_record == 2
               ? "it is missing"
               : fmt::format("records 1 to {} are missing", verdict.first_record - 1));
  }
  if (verdict.last_record > last_) {
    report(verdict, last_ + 1, "it has no link: nobody signed it");
  } else if (const auto outside = rows_.find_outside()) {
    report(verdict, last_ + 1, fmt::format("rows that no record added ({})", *outside));
  }
  for (const auto& [record, told] : anchors_.by_record) {
    if (record > last_) {
      report(verdict,
             last_ + 1,
             "an anchor tells of a later record: the end was cut off, or the file was put back to "
             "an older state");
      break;
    }
    if (record < verdict.first_linked) {
      report(verdict, record, "an anchor tells of a record that was never signed here");
    }
  }
  verdict.foreign_anchors = anchors_.foreign;
  report_stamps_of_others(known_, verdict);
}

void ChainCheck::start_verifying() {
  if (batch_.empty()) {
    return;
  }
  const auto verify = [batch = std::exchange(batch_, {})] {
    Bad bad;
    for (const ToVerify& link : batch) {
      if (!schema::is_signed(link.key, link.head, link.signature)) {
        bad.push_back(link.record);
      }
    }
    return bad;
  };
  try {
    running_.push_back(std::async(std::launch::async, verify));
  } catch (const std::system_error&) {
    running_.push_back(std::async(std::launch::deferred, verify));  // no thread is to be had
  }
}

void ChainCheck::collect(Verdict& verdict, std::size_t most_left) {
  while (running_.size() > most_left) {
    for (const std::int64_t record : running_.front().get()) {
      report(verdict, record, "its signature is not by the key that the record before it names");
    }
    running_.erase(running_.begin());
  }
}

}  // namespace sockwitness::query
