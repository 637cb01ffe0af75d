#include "query/read/visibility_reader.h"

#include <algorithm>

#include "query/analysis/history/hiding.h"

namespace sockwitness::query {

using schema::Seq;

schema::SharedVisibility VisibilityReader::visibility(Seq seq) {
  const auto known = known_.find(seq);
  if (known != known_.end()) {
    return known->second;
  }
  constexpr std::size_t kMost = 64;
  if (known_.size() >= kMost) {
    known_.clear();
  }
  auto visibility = std::make_shared<const schema::Visibility>(reading_.contexts.visibility(seq));
  return known_.emplace(seq, std::move(visibility)).first->second;
}

std::vector<Seq> VisibilityReader::looks(const schema::SeqRange& snapshots) {
  if (!gap_edges_) {
    gap_edges_.emplace();
    for (const auto& [seen, row] : reading_.contexts.gaps()) {
      gap_edges_->push_back(seen.first);
      gap_edges_->emplace_back(seen.last.value() + 1);
    }
    std::sort(gap_edges_->begin(), gap_edges_->end());
    gap_edges_->erase(std::unique(gap_edges_->begin(), gap_edges_->end()), gap_edges_->end());
  }
  std::vector<Seq> looks;
  for (auto edge = std::upper_bound(gap_edges_->begin(), gap_edges_->end(), snapshots.first);
       edge != gap_edges_->end() && *edge <= snapshots.last;
       ++edge) {
    looks.emplace_back(edge->value() - 1);
  }
  looks.push_back(snapshots.last);
  return looks;
}

bool VisibilityReader::sees_all(Seq seq) const {
  return !reading_.contexts.has_gaps(seq);
}

std::optional<Seq> VisibilityReader::not_before(const Place& place, Seq first) {
  for (Seq seq(first.value() - 1); seq >= reading_.range.first; seq = Seq(seq.value() - 1)) {
    const bool hidden =
        !sees_all(seq) && may_have_hidden({{seq, seq}, {}, {}, visibility(seq)},
                                          {{first, first}, {}, {}, visibility(first)},
                                          place);
    if (!hidden) {
      return seq;
    }
  }
  return std::nullopt;
}

std::optional<Seq> VisibilityReader::not_after(const Place& place, Seq last) {
  for (Seq seq(last.value() + 1); seq <= reading_.range.last; seq = Seq(seq.value() + 1)) {
    const bool hidden = !sees_all(seq) && find_hiding({{seq, seq}, {}, {}, visibility(seq)},
                                                      {{last, last}, {}, {}, visibility(last)},
                                                      place);
    if (!hidden) {
      return seq;
    }
  }
  return std::nullopt;
}

bool VisibilityReader::is_hidden(const Place& place, Seq last, Seq again) {
  const auto seen = not_after(place, last);
  return !seen || *seen >= again;
}

}  // namespace sockwitness::query
