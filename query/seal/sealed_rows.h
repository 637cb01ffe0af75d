// The rows of a sealed export, one after the other, against the roots of its links.
//
// In:    rows as its lines have them; what the manifest says is complete.
// Out:   what does not add up, or is missing.
// Never: counts a row that no root vouches for.
#pragma once

#include <functional>
#include <map>
#include <set>

#include "query/seal/manifest.h"
#include "query/seal/needed_rows.h"
#include "query/seal/sealed_chain.h"
#include "query/seal/sealed_row.h"
#include "schema/chain/merkle.h"

namespace sockwitness::query {

class SealedRows {
 public:
  // Both outlive it.
  SealedRows(const Manifest& manifest, const SealedChain& chain);

  // First those of the records that are complete, in their order; then those with proofs.
  void add(const SealedRow& row, Verdict& verdict);
  // After the last one.
  void finish(Verdict& verdict);
  // Of key_segment, by record: reason and what was known.
  struct Segment {
    std::int64_t reason = 0;
    std::optional<std::int64_t> known;
  };
  [[nodiscard]] const std::map<std::int64_t, Segment>& segments() const { return segments_; }
  [[nodiscard]] std::int64_t complete() const { return complete_; }
  [[nodiscard]] std::int64_t single() const { return single_; }

 private:
  void add_complete(const SealedRow& row, Verdict& verdict);
  void add_single(const SealedRow& row, Verdict& verdict);
  void close_record(Verdict& verdict);
  void look_at_begin(Verdict& verdict);
  void remember(const SealedRow& row);

  const Manifest& manifest_;
  const SealedChain& chain_;
  schema::Hasher hasher_;
  schema::MerkleRoot root_;
  std::int64_t record_;  // the complete one that its rows are of
  bool singles_ = false;
  NeededRows needed_;
  std::set<RowNumber> there_;
  std::set<RowName> named_;
  std::size_t frames_ = 0;
  std::map<std::int64_t, Segment> segments_;
  std::int64_t complete_ = 0;
  std::int64_t single_ = 0;
};

}  // namespace sockwitness::query
