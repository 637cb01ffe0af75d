// Values by the snapshots that show them: which of them does snapshot 42 show?
//
// In:    values with the ranges of snapshots that show them.
// Out:   the values that one snapshot shows, in the order in which they were added.
// Never: visits more than the values around that snapshot.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "schema/model/snapshot_info.h"

namespace sockwitness::query {

template <class T>
class LivingIndex {
 public:
  void add(schema::SeqRange seen, T value) {
    const auto position = static_cast<std::uint32_t>(things_.size());
    things_.emplace_back(seen, std::move(value));
    const std::size_t last = bucket_of(seen.last);
    if (buckets_.size() <= last) {
      buckets_.resize(last + 1);
    }
    for (std::size_t at = bucket_of(seen.first); at <= last; ++at) {
      buckets_[at].push_back(position);
    }
  }

  template <class Visit>
  void visit(schema::Seq seq, Visit visit) const {
    const std::size_t bucket = bucket_of(seq);
    if (bucket >= buckets_.size()) {
      return;
    }
    for (const std::uint32_t position : buckets_[bucket]) {
      if (things_[position].first.contains(seq)) {
        visit(things_[position].second);
      }
    }
  }

  [[nodiscard]] const std::vector<std::pair<schema::SeqRange, T>>& all() const { return things_; }

 private:
  [[nodiscard]] static std::size_t bucket_of(schema::Seq seq) {
    constexpr std::int64_t kBucket = 256;
    return static_cast<std::size_t>(seq.value() / kBucket);
  }

  std::vector<std::pair<schema::SeqRange, T>> things_;
  std::vector<std::vector<std::uint32_t>> buckets_;  // by snapshot, positions in things_
};

}  // namespace sockwitness::query
