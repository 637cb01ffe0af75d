// Goes through a stretch of snapshots with the lives of chosen things at hand, window by window, so
// that a year of them never has to be in memory at once.
//
// In:    origin ids, how to read their lives.
// Out:   windows that follow each other; in each, the lives that some snapshot of it saw.
// Never: a window without its lives, or a life in parts: it stays at hand until it has ended.
#pragma once

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "query/read/on_progress.h"
#include "schema/disk/database.h"
#include "schema/disk/living.h"

namespace sockwitness::query {

template <class Life>
class WindowReader {
 public:
  using Read = std::function<std::vector<Life>(const std::vector<schema::RowId>&)>;

  // `origins` ascending. The database and the tick must outlive this object.
  WindowReader(schema::Database& database,
               schema::Entity entity,
               schema::SeqRange stretch,
               std::vector<schema::RowId> origins,
               Read read,
               const OnProgress& on_progress)
      : database_(database),
        entity_(entity),
        stretch_(stretch),
        origins_(std::move(origins)),
        read_(std::move(read)),
        on_progress_(on_progress) {}

  // Goes to the next window; false when the stretch is at its end.
  bool next() {
    using schema::Seq;
    const Seq from = started_ ? Seq(window_.last.value() + 1) : stretch_.first;
    started_ = true;
    if (from > stretch_.last) {
      return false;
    }
    on_progress_(static_cast<std::int64_t>(at_), static_cast<std::int64_t>(origins_.size()));
    std::erase_if(lives_, [from](const Life& life) { return life.seen().last < from; });
    first_new_ = lives_.size();
    window_ = {from, stretch_.last};
    std::size_t end = std::min(origins_.size(), at_ + kMost);
    if (end < origins_.size()) {
      // All that began with the same snapshot belong together.
      const Seq last_birth =
          schema::read_first_seen(database_, entity_, {origins_[end - 1]}).front();
      window_.last = std::clamp(last_birth, from, stretch_.last);
      const auto last_id = schema::read_last_id(database_, entity_, window_.last);
      end = static_cast<std::size_t>(std::upper_bound(origins_.begin(), origins_.end(), last_id) -
                                     origins_.begin());
    }
    const auto begin = origins_.begin() + static_cast<std::ptrdiff_t>(at_);
    const auto stop = origins_.begin() + static_cast<std::ptrdiff_t>(end);
    for (Life& life : read_(std::vector<schema::RowId>(begin, stop))) {
      if (life.seen().overlaps(stretch_)) {
        lives_.push_back(std::move(life));
      }
    }
    at_ = end;
    return true;
  }

  [[nodiscard]] const schema::SeqRange& window() const { return window_; }
  // By origin.
  [[nodiscard]] std::vector<Life>& lives() { return lives_; }
  // Position of the first that no earlier window had.
  [[nodiscard]] std::size_t first_new() const { return first_new_; }

 private:
  static constexpr std::size_t kMost = 4096;  // lives that begin in one window, about

  schema::Database& database_;
  schema::Entity entity_;
  schema::SeqRange stretch_;
  std::vector<schema::RowId> origins_;
  Read read_;
  const OnProgress& on_progress_;
  bool started_ = false;
  std::size_t at_ = 0;  // origins that have been read
  schema::SeqRange window_;
  std::vector<Life> lives_;
  std::size_t first_new_ = 0;
};

// The lives that are seen, stretch by stretch of a window, each reaching to the next of `changes`
// (ascending, within the window; more than one are fine). `visit(snapshots, lives)`.
template <class Life, class Visit>
void visit_ranges(const std::vector<Life>& lives,
                  schema::SeqRange window,
                  const std::vector<schema::Seq>& changes,
                  Visit visit) {
  using schema::Seq;
  std::vector<const Life*> by_birth;
  for (const Life& life : lives) {
    by_birth.push_back(&life);
  }
  std::stable_sort(by_birth.begin(), by_birth.end(), [](const Life* left, const Life* right) {
    return left->seen().first < right->seen().first;
  });
  std::vector<const Life*> seen;
  auto next = by_birth.begin();
  auto change = changes.begin();
  for (Seq from = window.first; from <= window.last;) {
    while (change != changes.end() && *change <= from) {
      ++change;
    }
    const Seq until = change == changes.end() ? window.last : Seq(change->value() - 1);
    std::erase_if(seen, [from](const Life* life) { return life->seen().last < from; });
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
