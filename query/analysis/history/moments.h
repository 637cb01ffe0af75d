// When each snapshot of a history was taken, by all its clocks: what answers about time rest on.
//
// In:    the snapshots' own rows, without what they saw.
// Out:   the clocks of a snapshot by its number; which snapshots belong to one boot.
// Never: orders by wall time: the numbers of snapshots are the order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "query/analysis/history/pruned.h"
#include "query/analysis/history/thinned.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::query {

struct Moment {
  schema::Seq seq;
  schema::ClockReading begin;
  std::uint32_t context = 0;  // position in the contexts
  std::uint32_t boot = 0;     // equal numbers, one boot; Moments gives them
};

class Moments {
 public:
  Moments() = default;
  // Ascending by seq. Where the id of a boot was not readable, the boot before goes on as long as
  // its clock does: not to know is no reboot.
  Moments(std::vector<Moment> moments, std::vector<schema::Context> contexts);

  [[nodiscard]] std::span<const Moment> all() const { return moments_; }
  [[nodiscard]] bool empty() const { return moments_.empty(); }
  [[nodiscard]] std::size_t size() const { return moments_.size(); }
  // Throws std::out_of_range: rows of a damaged file may name a snapshot that is not there.
  [[nodiscard]] const Moment& operator[](std::size_t at) const { return moments_.at(at); }

  // Nothing for a snapshot that is not among them.
  [[nodiscard]] std::optional<std::size_t> find(schema::Seq seq) const;
  // Position of the first snapshot with this number or a higher one; size() when there is none.
  [[nodiscard]] std::size_t at_or_after(schema::Seq seq) const;
  // How many there are from one number to another, both included.
  [[nodiscard]] std::size_t count(schema::Seq first, schema::Seq last) const;
  // Precondition: it is among them.
  [[nodiscard]] schema::WallTime wall(schema::Seq seq) const;
  [[nodiscard]] const schema::Context& context(const Moment& moment) const;
  [[nodiscard]] bool same_boot(const Moment& left, const Moment& right) const;

  // What was said with --note; null: nothing.
  [[nodiscard]] const std::string* note(schema::Seq seq) const;
  void set_notes(std::map<schema::Seq, std::string> notes) { notes_ = std::move(notes); }

  // What was before the first of all, and is not there any more; nothing: recording began with it.
  [[nodiscard]] const std::optional<Pruned>& pruned() const { return pruned_; }
  void set_pruned(std::optional<Pruned> pruned) { pruned_ = std::move(pruned); }
  // Nothing: every snapshot is whole.
  [[nodiscard]] const std::optional<Thinned>& thinned() const { return thinned_; }
  void set_thinned(std::optional<Thinned> thinned) { thinned_ = std::move(thinned); }

 private:
  std::vector<Moment> moments_;
  std::vector<schema::Context> contexts_;
  std::optional<Pruned> pruned_;
  std::optional<Thinned> thinned_;
  std::map<schema::Seq, std::string> notes_;
};

[[nodiscard]] Moments moments_of(std::span<const schema::SnapshotInfo> snapshots);

// Within a boot the time that really passed, across a reboot what the wall clock says.
[[nodiscard]] std::int64_t distance_us(const Moments& moments,
                                       const Moment& from,
                                       const Moment& to);

// The median distance of neighbours within one boot; nothing with fewer than two snapshots.
[[nodiscard]] std::optional<std::int64_t> usual_interval_us(const Moments& moments);

}  // namespace sockwitness::query
