#include "query/report/answers/when_gaps.h"

#include <algorithm>

namespace sockwitness::query {
namespace {

using schema::Seq;
using schema::SeqRange;

// What happened between two snapshots of the range.
std::vector<WhenGap> events_within(const WhenInput& input, const SeqRange& range) {
  std::vector<WhenGap> gaps;
  for (const ChronicleEvent& event : input.events) {
    const std::size_t after = event.before.value_or(input.moments.size());
    if (event.kind == ChronicleKind::Pruned && range.first == input.moments[0].seq) {
      gaps.push_back({&event, nullptr, std::nullopt, range.first});
    }
    if (event.kind == ChronicleKind::Thinned) {
      if (event.thinned->count(range) > 0) {
        gaps.push_back({&event, nullptr, std::nullopt, std::nullopt});
      }
      continue;
    }
    if (event.kind == ChronicleKind::RecorderStarted || event.kind == ChronicleKind::Noted ||
        after == 0) {
      continue;
    }
    const Seq from = input.moments[after - 1].seq;
    const bool at_the_end = after == input.moments.size();
    const bool within = from >= range.first && from <= range.last &&
                        (at_the_end || input.moments[after].seq <= range.last);
    if (within) {
      gaps.push_back({&event,
                      nullptr,
                      from,
                      at_the_end ? std::nullopt : std::optional(input.moments[after].seq)});
    }
  }
  return gaps;
}

void add_unread(const WhenInput& input,
                const std::vector<const CoverageGap*>& hidden,
                std::vector<WhenGap>& gaps) {
  for (const CoverageGap* each : hidden) {
    const std::size_t first = input.moments.at_or_after(each->snapshots.first);
    const std::size_t next = input.moments.at_or_after(Seq(each->snapshots.last.value() + 1));
    gaps.push_back(
        {nullptr,
         each,
         first == 0 ? std::nullopt : std::optional(input.moments[first - 1].seq),
         next == input.moments.size() ? std::nullopt : std::optional(input.moments[next].seq)});
  }
  std::stable_sort(gaps.begin(), gaps.end(), [](const WhenGap& left, const WhenGap& right) {
    return left.from < right.from;
  });
}

}  // namespace

std::vector<WhenGap> gaps_of(const WhenInput& input, const WhenInterval& span) {
  const Interval& interval = span.span;
  const Seq last = input.beyond.value_or(input.searched.last);
  const SeqRange asked{
      std::max(interval.not_before.value_or(interval.seen.first), input.searched.first),
      std::min(interval.not_after.value_or(last), last)};
  auto gaps = events_within(input, asked);
  std::vector<const CoverageGap*> hidden;
  for (const CoverageGap& each : interval.coverage_gaps) {
    if (each.snapshots.overlaps(input.searched)) {
      hidden.push_back(&each);
    }
  }
  add_unread(input, hidden, gaps);
  return gaps;
}

std::vector<WhenGap> gaps_of(const WhenInput& input) {
  auto gaps =
      events_within(input, {input.searched.first, input.beyond.value_or(input.searched.last)});
  std::vector<const CoverageGap*> hidden;
  for (const CoverageGap& each : input.gaps) {
    hidden.push_back(&each);
  }
  add_unread(input, hidden, gaps);
  return gaps;
}

SeenCount count_seen(const WhenInput& input, const WhenInterval& span) {
  const auto count = [&](const SeqRange& range) {
    return input.moments.count(std::max(range.first, input.searched.first),
                               std::min(range.last, input.searched.last));
  };
  SeenCount counts{count(span.span.seen), 0};
  for (const CoverageGap& each : span.span.coverage_gaps) {
    if (each.snapshots.last < span.span.seen.last) {
      counts.hidden += count(each.snapshots);
    }
  }
  return counts;
}

SafeText unread_text(const CoverageGap& hidden) {
  if (!hidden.gap) {
    return "its holder was not visible to the recorder";
  }
  schema::Gap gap = *hidden.gap;
  std::vector<schema::Netns> namespaces;
  if (!hidden.netns.empty()) {
    namespaces.push_back({schema::Inode(), hidden.netns});
    gap.netns = schema::NetnsIndex(0);
  }
  return gap_text(gap, namespaces);
}

}  // namespace sockwitness::query
