// Which of the things seen now are those of the previous snapshot: pure matching by identity.
//
// In:    identity keys of both sides; equal keys mean the same thing.
// Out:   for each current one its previous position or nothing; the previous ones that nobody
//        matched.
// Never: looks at anything but the keys. Among equal keys the first is matched with the first.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <optional>
#include <vector>

namespace sockwitness::recorder {

struct Matching {
  std::vector<std::optional<std::size_t>> previous_of;  // parallel to the current keys
  std::vector<std::size_t> ended;                       // ascending positions of previous keys
};

template <class Key>
Matching reconcile(const std::vector<Key>& previous, const std::vector<Key>& current) {
  // Where nothing changed both sides have the same order, and most often they have a long common
  // head: there the first of equal keys is matched with the first as well.
  const std::size_t shorter = std::min(previous.size(), current.size());
  std::size_t head = 0;
  while (head < shorter && !(previous[head] < current[head]) && !(current[head] < previous[head])) {
    ++head;
  }
  const auto sorted_positions = [head](const std::vector<Key>& keys) {
    std::vector<std::size_t> positions(keys.size() - head);
    std::iota(positions.begin(), positions.end(), head);
    const auto rises = [&](std::size_t left, std::size_t right) {
      return keys[left] < keys[right];
    };
    if (!std::is_sorted(positions.begin(), positions.end(), rises)) {  // most often they are
      std::stable_sort(positions.begin(), positions.end(), rises);
    }
    return positions;
  };
  const auto before = sorted_positions(previous);
  const auto now = sorted_positions(current);

  Matching matching;
  matching.previous_of.resize(current.size());
  for (std::size_t same = 0; same < head; ++same) {
    matching.previous_of[same] = same;
  }
  auto at = before.begin();
  for (const std::size_t position : now) {
    while (at != before.end() && previous[*at] < current[position]) {
      matching.ended.push_back(*at++);
    }
    if (at != before.end() && !(current[position] < previous[*at])) {
      matching.previous_of[position] = *at++;
    }
  }
  matching.ended.insert(matching.ended.end(), at, before.end());
  std::sort(matching.ended.begin(), matching.ended.end());
  return matching;
}

}  // namespace sockwitness::recorder
