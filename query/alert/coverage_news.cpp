#include "query/alert/coverage_news.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "query/alert/lasting_news.h"
#include "query/analysis/history/pick.h"
#include "schema/view/blind_spot.h"

namespace sockwitness::query {
namespace {

using schema::GapReason;
using schema::MissedRun;
using schema::Seq;

// Runs by hand promise nothing; timers have intervals from a minute on.
constexpr std::int64_t kShortestTimerUs = 55'000'000;
constexpr std::int64_t kGraveStepUs = 60'000'000;

NewsItem coverage_item(std::string_view what, Severity severity, std::string title) {
  NewsItem item;
  item.kind = NewsKind::Coverage;
  item.severity = severity;
  item.what = what;
  item.title = std::move(title);
  item.ask = "snapshots";
  return item;
}

std::string cause_words(GapCause cause) {
  std::string words = "cause: " + std::string(gap_cause_word(cause));
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

class ChronicleTeller {
 public:
  ChronicleTeller(const CoverageQuestion& question, AlertState& state)
      : question_(question), state_(state) {}

  std::vector<NewsItem> tell() {
    const Moments& moments = question_.moments;
    std::optional<Seq> silent;
    for (const ChronicleEvent& event : question_.events) {
      if (!event.before && event.kind == ChronicleKind::TimeGap) {
        silent = tell_silence(event);
      }
      if (event.before && moments[*event.before].seq > question_.reported_up_to) {
        tell_event(event, moments[*event.before]);
      }
    }
    state_.silent = silent;
    tell_thinned();
    tell_missed();
    return std::move(items_);
  }

 private:
  [[nodiscard]] bool was_promised(const ChronicleEvent& gap) const {
    return question_.scheduled ||
           gap.amount_us.value_or(0) / (gap.missing_runs + 1) >= kShortestTimerUs;
  }

  // Nothing since the latest one: reported once for it.
  std::optional<Seq> tell_silence(const ChronicleEvent& gap) {
    if (!was_promised(gap)) {
      return std::nullopt;
    }
    const Moment& last = question_.moments[question_.moments.size() - 1];
    if (state_.silent != last.seq) {
      NewsItem item = coverage_item(
          "silence",
          Severity::High,
          fmt::format("no snapshot for {}", duration_words(gap.amount_us.value_or(0))));
      item.lines = {cause_words(gap.cause)};
      item.last_seen = last.begin.wall;
      items_.push_back(std::move(item));
    }
    return last.seq;
  }

  void tell_event(const ChronicleEvent& event, const Moment& before) {
    const std::int64_t amount = event.amount_us.value_or(0);
    NewsItem item;
    if (event.kind == ChronicleKind::TimeGap && was_promised(event)) {
      const bool usual = event.cause == GapCause::PoweredOff || event.cause == GapCause::Suspended;
      item = coverage_item("time_gap",
                           usual ? Severity::Low : Severity::Medium,
                           "nothing was recorded for " + duration_words(amount));
      item.lines = {cause_words(event.cause) + ", until " + schema::format_utc(before.begin.wall)};
    } else if (event.kind == ChronicleKind::ClockStep) {
      const bool grave = !event.amount_us || amount < -kGraveStepUs || amount > kGraveStepUs;
      item = coverage_item("clock_step",
                           grave ? Severity::Medium : Severity::Low,
                           event.amount_us ? fmt::format("the clock was set {} by {}",
                                                         amount < 0 ? "back" : "forward",
                                                         duration_words(std::abs(amount)))
                                           : std::string("the clock was set back over a reboot"));
    } else if (event.kind == ChronicleKind::Reboot) {
      item = coverage_item("reboot", Severity::Low, "reboot");
    } else if (event.kind == ChronicleKind::Pruned && question_.reported_up_to > Seq(0) &&
               event.pruned->snapshots.last > question_.reported_up_to) {
      item = coverage_item("pruned",
                           Severity::Medium,
                           fmt::format("snapshots {} to {} were pruned before they were told",
                                       std::max(question_.reported_up_to.value() + 1,
                                                event.pruned->snapshots.first.value()),
                                       event.pruned->snapshots.last.value()));
    } else if (event.kind == ChronicleKind::RecorderChanged) {
      item = coverage_item(
          "recorder_changed", Severity::Low, "another recorder: its version or its rights changed");
    } else {
      return;
    }
    item.first_seen = before.begin.wall;
    items_.push_back(std::move(item));
  }

  // What only those snapshots showed and was not reported is lost.
  void tell_thinned() {
    const auto& thinned = question_.moments.thinned();
    if (!thinned || question_.reported_up_to <= Seq(0)) {
      return;
    }
    const schema::SeqRange untold{Seq(question_.reported_up_to.value() + 1),
                                  thinned->snapshots().last};
    const std::int64_t count = thinned->count(untold);
    if (count == 0) {
      return;
    }
    const schema::SeqRange range = thinned->within(untold);
    NewsItem item = coverage_item("thinned",
                                  Severity::Medium,
                                  fmt::format("{} of snapshots {} to {} {} thinned before they "
                                              "were told",
                                              count,
                                              range.first.value(),
                                              range.last.value(),
                                              count == 1 ? "was" : "were"));
    item.first_seen = question_.moments.wall(range.first);
    item.last_seen = question_.moments.wall(range.last);
    items_.push_back(std::move(item));
  }

  [[nodiscard]] bool is_news(const MissedRun& run, std::uint32_t& at_the_end) const {
    const Seq after = run.after.value_or(Seq(0));
    if (after == question_.reported_up_to) {
      return ++at_the_end > state_.missed;
    }
    return after > question_.reported_up_to;
  }

  // One item for all: each of them says the same.
  void tell_missed() {
    const Seq last = question_.moments[question_.moments.size() - 1].seq;
    std::map<schema::MissedKind, std::uint32_t> counts;
    const MissedRun* failed = nullptr;
    std::optional<schema::WallTime> first;
    std::optional<schema::WallTime> latest;
    std::uint32_t at_the_end = 0;
    std::uint32_t after_last = 0;
    for (const MissedRun& run : question_.missed) {
      after_last += run.after.value_or(Seq(0)) == last ? 1U : 0U;
      if (!is_news(run, at_the_end)) {
        continue;
      }
      counts[run.kind] += run.count;
      failed = run.kind == schema::MissedKind::Failed || failed == nullptr ? &run : failed;
      first = first ? first : std::optional(run.at);
      latest = run.at;
    }
    state_.missed = after_last;
    if (counts.empty()) {
      return;
    }
    std::string kinds;
    std::uint32_t all = 0;
    for (const auto& [kind, count] : counts) {
      all += count;
      kinds += fmt::format("{}{} {}", kinds.empty() ? "" : ", ", count, missed_kind_word(kind));
    }
    NewsItem item = coverage_item(
        "missed_run",
        Severity::Medium,
        fmt::format("{} run{} gave no snapshot ({})", all, all == 1 ? "" : "s", kinds));
    if (!failed->reason.empty()) {
      item.lines = {failed->reason};
    }
    item.first_seen = first;
    item.last_seen = latest;
    items_.push_back(std::move(item));
  }

  const CoverageQuestion& question_;
  AlertState& state_;
  std::vector<NewsItem> items_;
};

std::string gap_words(const CoverageGap& part) {
  const schema::Gap& gap = *part.gap;
  if (gap.source == schema::GapSource::Namespace) {
    return part.netns.empty() ? "a network namespace" : "network namespace " + part.netns;
  }
  std::string words(gap_source_word(gap.source));
  std::replace(words.begin(), words.end(), '-', ' ');
  const std::string_view object = gap.object.text();
  words += object.empty() ? std::string() : fmt::format(" {}", object);
  words += part.netns.empty() ? std::string() : " in " + part.netns;
  return words;
}

Lasting lasting_of(const CoverageGap& part) {
  const bool whole = schema::hides_sockets(*part.gap);
  NewsItem item = coverage_item(
      "gap", whole ? Severity::Medium : Severity::Low, "could not look at " + gap_words(part));
  item.lines = {std::string(gap_reason_word(part.gap->reason))};
  return {gap_hash(part), std::move(item)};
}

std::vector<NewsItem> tell_gaps(const CoverageQuestion& question, AlertState& state) {
  const Seq last = question.moments[question.moments.size() - 1].seq;
  std::map<std::string, Lasting> now;
  std::map<std::string, Lasting> passed;
  for (const CoverageGap& part : question.gaps) {
    const bool told =
        part.snapshots.last <= question.reported_up_to && !part.snapshots.contains(last);
    if (!part.gap || !is_blinding(*part.gap) || told) {
      continue;
    }
    Lasting lasting = lasting_of(part);
    (part.snapshots.contains(last) ? now : passed).try_emplace(lasting.key, std::move(lasting));
  }
  std::vector<NewsItem> items;
  for (auto& [key, lasting] : passed) {
    const bool known =
        now.contains(key) ||
        std::any_of(state.open.begin(), state.open.end(), [&, key = key](const auto& each) {
          return each.kind == SituationKind::View && each.has(key);
        });
    if (!known) {
      lasting.item.lines.emplace_back("for a time; the latest snapshot could look there");
      items.push_back(std::move(lasting.item));
    }
  }
  std::vector<Lasting> all;
  for (auto& [key, lasting] : now) {
    all.push_back(std::move(lasting));
  }
  for (NewsItem& item : find_lasting_news(
           SituationKind::View, std::move(all), question.moments.wall(last), state.open)) {
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace

bool is_blinding(const schema::Gap& gap) {
  const bool harmless = gap.reason == GapReason::NotSupported || gap.reason == GapReason::Vanished;
  return !harmless && (schema::hides_sockets(gap) || schema::hides_holders(gap));
}

std::string gap_hash(const CoverageGap& part) {
  const schema::Gap& gap = *part.gap;
  return situation_hash("gap",
                        {std::string(gap_source_word(gap.source)),
                         std::string(gap_reason_word(gap.reason)),
                         std::string(gap.object.text()),
                         part.netns});
}

std::vector<NewsItem> find_coverage_news(const CoverageQuestion& question, AlertState& state) {
  std::vector<NewsItem> items = ChronicleTeller(question, state).tell();
  for (NewsItem& item : tell_gaps(question, state)) {
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace sockwitness::query
