#include "query/seal/sealed_rows.h"

#include <algorithm>

#include <fmt/format.h>

#include "schema/disk/chained_tables.h"
#include "schema/disk/entity.h"

namespace sockwitness::query {
namespace {

constexpr std::string_view kFrames = "frame";
constexpr std::string_view kSegments = "key_segment";

// Of the table that others mean by the number: "id", and of a snapshot its own.
std::optional<RowNumber> number_of(const schema::StoredRow& row) {
  for (const schema::ChainedTable& table : schema::chained_tables()) {
    const bool means = table.key == "id" ? table.name != "archive" : table.name == "snapshot";
    if (table.name == row.table && means && row.integer(0)) {
      return RowNumber{static_cast<std::uint32_t>(table.numbering), *row.integer(0)};
    }
  }
  return std::nullopt;
}

schema::Marks marks_before(const Manifest& manifest, const SealedChain& chain) {
  return chain.marks().after(manifest.complete ? manifest.complete->first - 1 : chain.last());
}

}  // namespace

SealedRows::SealedRows(const Manifest& manifest, const SealedChain& chain)
    : manifest_(manifest),
      chain_(chain),
      root_(hasher_),
      record_(manifest.complete ? manifest.complete->first : 0),
      needed_(marks_before(manifest, chain)) {
}

void SealedRows::add(const SealedRow& row, Verdict& verdict) {
  row.proof ? add_single(row, verdict) : add_complete(row, verdict);
}

void SealedRows::close_record(Verdict& verdict) {
  const auto expected = chain_.root_of(record_);
  const std::int64_t leaves = root_.leaves();
  const schema::Hash root = root_.finish();
  if (!expected || leaves != expected->leaves) {
    add_problem(
        verdict,
        record_,
        fmt::format(
            "it has {} rows, and was signed with {}", leaves, expected ? expected->leaves : 0));
  } else if (root != expected->root) {
    add_problem(verdict, record_, "a row of it is another than the one that was signed");
  }
  ++record_;
}

void SealedRows::add_complete(const SealedRow& row, Verdict& verdict) {
  if (!manifest_.complete || singles_ || row.record < record_ ||
      row.record > std::min(manifest_.complete->last, chain_.last())) {
    add_problem(verdict, row.record, "a row of it has no proof, or stands out of its order");
    return;
  }
  while (record_ < row.record) {
    close_record(verdict);
  }
  root_.add(schema::encode_row(row.row));
  ++complete_;
  needed_.add(row.row);
  if (row.row.table == kFrames && row.record == manifest_.complete->first) {
    ++frames_;
    if (!add_living(row.row, needed_)) {
      add_problem(verdict, row.record, "its list of what lived is none");
    }
  }
  remember(row);
}

void SealedRows::remember(const SealedRow& row) {
  if (row.row.table == kSegments) {
    segments_[row.record] = {row.row.integer(2).value_or(0), row.row.integer(3)};
  }
}

void SealedRows::add_single(const SealedRow& row, Verdict& verdict) {
  singles_ = true;
  const auto expected = chain_.root_of(row.record);
  const schema::Hash leaf = schema::leaf_hash(hasher_, schema::encode_row(row.row));
  if (!expected || row.proof->place >= static_cast<std::uint64_t>(expected->leaves) ||
      schema::follow_path(hasher_,
                          leaf,
                          row.proof->place,
                          static_cast<std::uint64_t>(expected->leaves),
                          row.proof->path) != expected->root) {
    add_problem(verdict,
                row.record,
                fmt::format("a row of {} does not lead to what was signed", row.row.table));
    return;
  }
  ++single_;
  needed_.add(row.row);
  if (const auto number = number_of(row.row)) {
    there_.insert(*number);
  }
  named_.insert({row.row.table, row.row.integer(0).value_or(0)});
  remember(row);
}

// What lived before the first complete record is only known by lists that this one has.
void SealedRows::look_at_begin(Verdict& verdict) {
  const Range& complete = *manifest_.complete;
  if (complete.first > chain_.first() && frames_ != schema::kEntities.size()) {
    add_problem(verdict,
                complete.first,
                "what lived before it is not told: the export does not begin where it has to");
  }
  const auto before =
      schema::mark_of(chain_.marks().after(complete.first - 1), schema::kSnapshotNumbering);
  const auto until =
      schema::mark_of(chain_.marks().after(complete.last), schema::kSnapshotNumbering);
  if (!manifest_.asked || manifest_.asked->first <= before || manifest_.asked->last > until) {
    add_problem(verdict, complete.first, "it has not all snapshots that it says it has");
  }
}

void SealedRows::finish(Verdict& verdict) {
  if (manifest_.complete) {
    if (manifest_.complete->last > chain_.last() || manifest_.complete->first < chain_.first()) {
      add_problem(verdict, std::nullopt, "records that it says it has have no links");
      return;
    }
    while (record_ <= manifest_.complete->last) {
      close_record(verdict);
    }
    look_at_begin(verdict);
  }
  for (const schema::EnrolledKey& key : chain_.segments()) {
    if (!segments_.contains(key.record)) {
      add_problem(verdict, key.record, "its row of key_segment is missing");
    }
  }
  for (const RowName& row : manifest_.rows) {
    if (!named_.contains(row)) {
      add_problem(
          verdict,
          std::nullopt,
          fmt::format("the row that was asked for is missing: {} {}", row.table, row.number));
    }
  }
  for (const RowNumber& number : needed_.all()) {
    if (!there_.contains(number)) {
      add_problem(verdict,
                  chain_.marks().record_of(number),
                  fmt::format("a row of it is missing that others lead to (numbering {}, {})",
                              number.numbering,
                              number.number));
    }
  }
}

}  // namespace sockwitness::query
