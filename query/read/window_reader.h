// Reads the histories of chosen sockets or processes window by window: a year of them is never in
// memory at once.
//
// In:    origin ids, and how to read their histories.
// Out:   windows that follow each other; in each, the histories that overlap it.
// Never: a history in parts: it is kept until it has ended.
#pragma once

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "query/read/reading.h"
#include "schema/disk/living.h"

namespace sockwitness::query {

template <class ThingHistory>
class WindowReader {
 public:
  using Read = std::function<std::vector<ThingHistory>(const std::vector<schema::RowId>&)>;

  // `origins` ascending. What `reading` refers to must outlive this object.
  WindowReader(const Reading& reading,
               schema::Entity entity,
               std::vector<schema::RowId> origins,
               Read read)
      : reading_(reading), entity_(entity), origins_(std::move(origins)), read_(std::move(read)) {}

  // Goes to the next window; false when the range is at its end.
  bool next() {
    using schema::Seq;
    const Seq from = started_ ? Seq(window_.last.value() + 1) : reading_.range.first;
    started_ = true;
    if (from > reading_.range.last) {
      return false;
    }
    reading_.on_progress(static_cast<std::int64_t>(at_),
                         static_cast<std::int64_t>(origins_.size()));
    std::erase_if(things_, [from](const ThingHistory& thing) { return thing.seen().last < from; });
    first_new_ = things_.size();
    window_ = {from, reading_.range.last};
    std::size_t end = std::min(origins_.size(), at_ + kMost);
    if (end < origins_.size()) {
      // All that began with the same snapshot belong together.
      const Seq last_birth =
          schema::read_first_seen(reading_.database, entity_, {origins_[end - 1]}).front();
      window_.last = std::clamp(last_birth, from, reading_.range.last);
      const auto last_id = schema::read_last_id(reading_.database, entity_, window_.last);
      end = static_cast<std::size_t>(std::upper_bound(origins_.begin(), origins_.end(), last_id) -
                                     origins_.begin());
    }
    const auto begin = origins_.begin() + static_cast<std::ptrdiff_t>(at_);
    const auto stop = origins_.begin() + static_cast<std::ptrdiff_t>(end);
    for (ThingHistory& thing : read_(std::vector<schema::RowId>(begin, stop))) {
      if (thing.seen().overlaps(reading_.range)) {
        things_.push_back(std::move(thing));
      }
    }
    at_ = end;
    return true;
  }

  [[nodiscard]] const schema::SeqRange& window() const { return window_; }
  // By origin.
  [[nodiscard]] std::vector<ThingHistory>& things() { return things_; }
  // Position of the first that no earlier window had.
  [[nodiscard]] std::size_t first_new() const { return first_new_; }

 private:
  static constexpr std::size_t kMost = 4096;  // things that begin in one window, about

  Reading reading_;
  schema::Entity entity_;
  std::vector<schema::RowId> origins_;
  Read read_;
  bool started_ = false;
  std::size_t at_ = 0;  // origins that have been read
  schema::SeqRange window_;
  std::vector<ThingHistory> things_;
  std::size_t first_new_ = 0;
};

// The things that are seen, range by range of a window, each reaching to the next of `changes`
// (ascending, within the window; more than one are fine). `visit(snapshots, things)`.
template <class ThingHistory, class Visit>
void visit_ranges(const std::vector<ThingHistory>& things,
                  schema::SeqRange window,
                  const std::vector<schema::Seq>& changes,
                  Visit visit) {
  using schema::Seq;
  std::vector<const ThingHistory*> by_birth;
  for (const ThingHistory& thing : things) {
    by_birth.push_back(&thing);
  }
  std::stable_sort(
      by_birth.begin(), by_birth.end(), [](const ThingHistory* left, const ThingHistory* right) {
        return left->seen().first < right->seen().first;
      });
  std::vector<const ThingHistory*> seen;
  auto next = by_birth.begin();
  auto change = changes.begin();
  for (Seq from = window.first; from <= window.last;) {
    while (change != changes.end() && *change <= from) {
      ++change;
    }
    const Seq until = change == changes.end() ? window.last : Seq(change->value() - 1);
    std::erase_if(seen, [from](const ThingHistory* thing) { return thing->seen().last < from; });
    for (; next != by_birth.end() && (*next)->seen().first <= from; ++next) {
      if ((*next)->seen().last >= from) {
        seen.push_back(*next);
      }
    }
    visit(schema::SeqRange{from, until}, seen);
    from = Seq(until.value() + 1);
  }
}

}  // namespace sockwitness::query
