// Where in a snapshot the row with an id is: for relations, of which there is one for every socket.
//
// In:    ids with their positions, in any order; then questions.
// Out:   the position of an id, or nothing. Of an id that was added twice it is the first.
// Never: takes more memory than a few words for each id, however far apart they are.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "schema/disk/id_list.h"

namespace sockwitness::schema {

class RowPositions {
 public:
  void reserve(std::size_t rows) { entries_.reserve(rows); }
  void add(RowId id, std::uint32_t position) {
    entries_.emplace_back(id, position);
    ready_ = false;
  }

  [[nodiscard]] std::optional<std::uint32_t> find(RowId id) {
    if (!ready_) {
      prepare();
    }
    if (!dense_.empty()) {
      const std::uint64_t at = distance(entries_.front().first, id);
      const std::uint32_t found = id < entries_.front().first || at >= dense_.size()
                                      ? kNothing
                                      : dense_[static_cast<std::size_t>(at)];
      return found == kNothing ? std::nullopt : std::optional(found);
    }
    const auto found = std::lower_bound(
        entries_.begin(), entries_.end(), id, [](const Entry& entry, RowId wanted) {
          return entry.first < wanted;
        });
    return found == entries_.end() || found->first != id ? std::nullopt
                                                         : std::optional(found->second);
  }

 private:
  using Entry = std::pair<RowId, std::uint32_t>;
  static constexpr std::uint32_t kNothing = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::uint64_t kRoom = 8;  // places for each id: those that live are close by

  static std::uint64_t distance(RowId from, RowId to) {
    return static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from);
  }

  void prepare() {
    const auto rises = [](const Entry& left, const Entry& right) {
      return left.first < right.first;
    };
    if (!std::is_sorted(entries_.begin(), entries_.end(), rises)) {
      std::stable_sort(entries_.begin(), entries_.end(), rises);
    }
    dense_.clear();
    ready_ = true;
    if (entries_.empty()) {
      return;
    }
    const std::uint64_t last = distance(entries_.front().first, entries_.back().first);
    if (last >= kRoom * entries_.size()) {
      return;
    }
    dense_.assign(static_cast<std::size_t>(last) + 1, kNothing);
    for (const auto& [id, position] : entries_) {
      std::uint32_t& place = dense_[static_cast<std::size_t>(distance(entries_.front().first, id))];
      place = std::min(place, position);
    }
  }

  std::vector<Entry> entries_;  // ascending once it is ready
  std::vector<std::uint32_t>
      dense_;  // by the distance from the first id; empty: they are too far apart
  bool ready_ = false;
};

}  // namespace sockwitness::schema
