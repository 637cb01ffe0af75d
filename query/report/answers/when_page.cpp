#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "query/report/answers/when_gaps.h"
#include "query/report/answers/when_report.h"
#include "query/report/records/bracket_words.h"
#include "query/report/records/chronicle_words.h"
#include "query/report/words/socket_words.h"

namespace sockwitness::query {
namespace {

using schema::Seq;
using schema::SeqRange;

class IntervalPage {
 public:
  IntervalPage(const WhenInput& input, const WhenInterval& span, const ClockFace& clock)
      : input_(input), span_(span), clock_(clock), begin_(time(span.span.seen.first)) {}

  Table lay_out() {
    add("opened", opened());
    add("gone", gone());
    add("seen", seen());
    for (const WhenGap& gap : gaps_of(input_, span_)) {
      add("", gap_line(gap), Style::Warning);
    }
    add_endpoints();
    add_owners();
    add_restarts();
    add_peers();
    return std::move(table_);
  }

 private:
  void add(const char* label, SafeText text, Style style = Style::Plain) {
    const SafeText shown = label == label_ ? SafeText() : SafeText::own(label);
    label_ = label;
    table_.rows.push_back({{}, {shown, Style::Faint}, {std::move(text), style}});
  }

  [[nodiscard]] std::string time(Seq seq) const { return clock_(input_.moments.wall(seq)); }
  // Without the day of the begin.
  [[nodiscard]] std::string brief(Seq seq) const { return short_time(time(seq), begin_); }

  [[nodiscard]] SafeText opened() const {
    const Interval& interval = span_.span;
    if (interval.not_before) {
      return between_text(input_.moments, *interval.not_before, interval.seen.first, clock_) +
             began();
    }
    const bool first_of_all = interval.seen.first == input_.moments[0].seq;
    return SafeText::own(begin_ + (first_of_all ? " or before: the first snapshot has it"
                                                : " or before: nobody could look there earlier"));
  }

  // The kernel's own time of what held it first, where that lies between the two snapshots.
  [[nodiscard]] SafeText began() const {
    const auto first =
        std::find_if(span_.owners.begin(), span_.owners.end(), [&](const OwnerInterval& owner) {
          return owner.seen.first == span_.span.seen.first && owner.owner.started_at;
        });
    if (first == span_.owners.end()) {
      return {};
    }
    const schema::WallTime at = *first->owner.started_at;
    return at > input_.moments.wall(*span_.span.not_before) &&
                   at <= input_.moments.wall(span_.span.seen.first)
               ? SafeText::own("; its process began " + short_time(clock_(at), begin_))
               : SafeText();
  }

  [[nodiscard]] SafeText gone() const {
    const Interval& interval = span_.span;
    if (interval.not_after) {
      return between_text(input_.moments, interval.seen.last, *interval.not_after, clock_);
    }
    const bool to_the_end = interval.seen.last == input_.moments[input_.moments.size() - 1].seq;
    return SafeText::own(to_the_end ? fmt::format("still there at {}", time(interval.seen.last))
                                    : fmt::format("last seen at {}; nobody could look there since",
                                                  time(interval.seen.last)));
  }

  [[nodiscard]] SafeText seen() const {
    const SeenCount count = count_seen(input_, span_);
    const SeqRange& interval = span_.span.seen;
    const bool in_part =
        interval.first < input_.searched.first || interval.last > input_.searched.last;
    return SafeText::own(fmt::format("in {} of {} snapshot{}{}",
                                     count.within - count.hidden,
                                     count.within,
                                     count.within == 1 ? "" : "s",
                                     in_part ? " of the period" : ""));
  }

  [[nodiscard]] SafeText gap_line(const WhenGap& gap) const {
    if (gap.event != nullptr) {
      SafeText text = chronicle_text(*gap.event, input_.missed, clock_);
      if (gap.event->kind == ChronicleKind::MissedRun || !gap.from) {
        return text;
      }
      text += SafeText::own(
          gap.until ? fmt::format(", from {} to {}", brief(*gap.from), brief(*gap.until))
                    : fmt::format(", since {}", brief(*gap.from)));
      return text;
    }
    const SeqRange& hidden = gap.coverage_gaps->snapshots;
    const std::size_t count = input_.moments.count(hidden.first, hidden.last);
    return SafeText::own(fmt::format("not observed in {} snapshot{} from {} to {}: ",
                                     count,
                                     count == 1 ? "" : "s",
                                     brief(hidden.first),
                                     brief(hidden.last))) +
           unread_text(*gap.coverage_gaps);
  }

  // ", from 02:20:00Z to 03:00:00Z" where that is less than the span.
  [[nodiscard]] SafeText part_of_span(const SeqRange& part) const {
    const SeqRange& whole = span_.span.seen;
    std::string text;
    if (part.first > whole.first) {
      text += fmt::format(", from {}", brief(part.first));
    }
    if (part.last < whole.last) {
      text += fmt::format("{} to {}", part.first > whole.first ? "" : ",", brief(part.last));
    }
    return SafeText::own(text);
  }

  void add_endpoints() {
    for (const EndpointInterval& endpoint : span_.endpoints) {
      add("at", place_text(endpoint.endpoint, endpoint.v6only) + part_of_span(endpoint.seen));
    }
  }

  // Processes of one program, user and unit share a line.
  void add_owners() {
    struct Group {
      const OwnerInterval* first = nullptr;
      std::size_t processes = 0;
      SeqRange seen;
    };
    std::map<OwnerKey, std::size_t> known;
    std::vector<Group> groups;
    for (const OwnerInterval& owner : span_.owners) {
      const auto [entry, is_new] = known.try_emplace(key_of(owner.owner), groups.size());
      if (is_new) {
        groups.push_back({&owner, 0, owner.seen});
      }
      Group& group = groups[entry->second];
      ++group.processes;
      group.seen = {std::min(group.seen.first, owner.seen.first),
                    std::max(group.seen.last, owner.seen.last)};
    }
    for (const Group& group : groups) {
      const schema::Owner& owner = group.first->owner;
      SafeText who = process_text(owner);
      if (group.processes > 1) {
        who += SafeText::own(fmt::format(" and {} more", group.processes - 1));
      }
      add("owner",
          join(std::vector{who,
                           SafeText::host(owner.user),
                           place_text(owner.unit, owner.container, owner.container_facts)},
               ", ") +
              part_of_span(group.seen));
    }
    for (const LeadInterval& lead : span_.leads) {
      add("leads to", SafeText::host(lead.leads_to) + part_of_span(lead.seen));
    }
    if (groups.empty() && span_.leads.empty() && !span_.endpoints.empty()) {
      add("owner", no_holder_text(span_.no_holder), Style::Faint);
    }
  }

  void add_restarts() {
    for (const Seq seq : span_.restarts) {
      const std::size_t at = input_.moments.at_or_after(seq);
      add("anew", between_text(input_.moments, input_.moments[at - 1].seq, seq, clock_));
    }
  }

  void add_peers() {
    for (const Peer& peer : span_.peers.most_frequent(input_.peers)) {
      add("peers",
          SafeText::own(fmt::format("{} ({} connection{}, first {}, last {})",
                                    peer.address.text(),
                                    peer.connections,
                                    peer.connections == 1 ? "" : "s",
                                    brief(peer.seen.first),
                                    brief(peer.seen.last))));
    }
    if (span_.peers.size() > input_.peers) {
      add("peers",
          SafeText::own(fmt::format("and {} more, {} connections in all (--peers N shows more)",
                                    span_.peers.size() - input_.peers,
                                    span_.peers.connections())),
          Style::Faint);
    }
  }

  const WhenInput& input_;
  const WhenInterval& span_;
  const ClockFace& clock_;
  std::string begin_;
  std::string label_ = "-";
  Table table_{{{""}, {""}, {""}}, {}, false};
};

void add_never(Page& page, const WhenInput& input, const ClockFace& clock) {
  const std::size_t count = input.moments.count(input.searched.first, input.searched.last);
  const std::string from = clock(input.moments.wall(input.searched.first));
  page.add(
      SafeText::own(fmt::format("never seen in {} snapshot{} from {} to {}",
                                count,
                                count == 1 ? "" : "s",
                                from,
                                short_time(clock(input.moments.wall(input.searched.last)), from))));
  for (const CoverageGap& hidden : input.gaps) {
    const std::size_t within = input.moments.count(hidden.snapshots.first, hidden.snapshots.last);
    page.add(SafeText::own(fmt::format("{} of them could not see everything, from {} to {}: ",
                                       within,
                                       clock(input.moments.wall(hidden.snapshots.first)),
                                       clock(input.moments.wall(hidden.snapshots.last)))) +
                 unread_text(hidden),
             Style::Warning);
  }
  for (const WhenGap& gap : gaps_of(input)) {
    if (gap.event != nullptr && gap.event->kind == ChronicleKind::TimeGap) {
      page.add(chronicle_text(*gap.event, input.missed, clock) +
                   SafeText::own(", since " + clock(input.moments.wall(*gap.from))),
               Style::Warning);
    }
  }
}

}  // namespace

Page lay_out_when(const WhenInput& input, const ClockFace& clock) {
  Page page;
  page.add(SafeText::host(input.query) + " on " + SafeText::host(input.host), Style::Strong);
  if (!input.note.empty()) {
    page.add("careful: " + SafeText::host(input.note), Style::Warning);
  }
  if (input.spans.empty()) {
    add_never(page, input, clock);
    return page;
  }
  for (const WhenInterval& span : input.spans) {
    if (&span != &input.spans.front()) {
      page.add(SafeText());
    }
    page.add(IntervalPage(input, span, clock).lay_out());
  }
  return page;
}

}  // namespace sockwitness::query
