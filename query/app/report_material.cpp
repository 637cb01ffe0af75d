#include "query/app/report_material.h"

#include <algorithm>
#include <set>

#include "query/app/situation_log.h"
#include "query/read/coverage_gaps.h"
#include "query/read/service_runs.h"

namespace sockwitness::query {
namespace {

using schema::Seq;
using schema::SeqRange;
using schema::WallTime;

// Those before a snapshot of the period that is not its first, or after its last one; the first
// one's note.
std::vector<ChronicleEvent> events_of(const MaterialQuestion& question,
                                      const std::vector<ChronicleEvent>& events) {
  const std::size_t first = question.moments.at_or_after(question.period.snapshots.first);
  const std::size_t last = question.moments.at_or_after(question.period.snapshots.last);
  std::vector<ChronicleEvent> chosen;
  for (ChronicleEvent event : events) {
    event.before = place_within(event, question.moments, question.period.snapshots);
    const std::size_t place = event.before.value_or(question.moments.size());
    const bool begins = place == first && (first == 0 || event.kind == ChronicleKind::Noted);
    if (begins || (place > first && place <= last + 1)) {
      chosen.push_back(std::move(event));
    }
  }
  return chosen;
}

void read_coverage(const MaterialQuestion& question, ReportMaterial& material) {
  const Moments& moments = question.moments;
  const TimeRange& period = question.period;
  ChronicleOptions options;
  options.expect_every_us = question.expect_every_us;
  const auto events = build_chronicle(moments, material.missed, options);
  const WallTime last = moments.wall(period.snapshots.last);
  const WallTime from = period.since.value_or(moments.wall(period.snapshots.first));
  // Nothing can be said of what is still to come.
  const WallTime to = std::min(period.until.value_or(last), std::max(question.now, last));
  const auto& stated =
      moments.context(moments[moments.at_or_after(period.snapshots.last)]).every_us;
  material.coverage =
      measure_coverage(moments,
                       period.snapshots,
                       events,
                       material.missed,
                       from,
                       to,
                       question.expect_every_us ? question.expect_every_us : stated);
  material.ends_later = to > last;
  material.events = events_of(question, events);
}

// What the first snapshot after the period shows, against the last one of the period.
void compare_next(const MaterialQuestion& question, Seq latest, ReportMaterial& material) {
  const Moments& moments = question.moments;
  const Seq last = question.period.snapshots.last;
  const std::size_t place = moments.at_or_after(Seq(last.value() + 1));
  if (!material.ends_later || place == moments.size()) {
    return;
  }
  const SeqRange both{last, moments[place].seq};
  const Register after =
      read_register(question.history, moments, both, latest, question.on_progress);
  material.next = NextSnapshot{both.last, !after.changes.empty()};
}

void find_all_approvals(const MaterialQuestion& question, ReportMaterial& material) {
  const schema::Baseline* baseline = material.baseline ? &*material.baseline : nullptr;
  std::vector<ApprovalQuestion> entries;
  for (const RegisterEntry& entry : material.services.entries) {
    entries.push_back({&entry.service, material.coverage.to});
  }
  std::vector<ApprovalQuestion> then;
  std::vector<ApprovalQuestion> now;
  for (const RegisterChange& change : material.services.changes) {
    const auto& after = change.change.after;
    const schema::Service* shown = after ? &*after : &*change.change.before;
    then.push_back({shown, question.moments.wall(change.after)});
    now.push_back({shown, question.now});
  }
  for (const PolicyEntry& entry : question.policy.entries) {
    PolicyUse use{&entry, {}};
    for (std::size_t at = 0; at < material.services.entries.size(); ++at) {
      if (fits(entry, material.services.entries[at].service)) {
        use.entries.push_back(at);
      }
    }
    material.policy_uses.push_back(std::move(use));
  }
  material.entry_approvals = find_approvals(entries, question.policy, baseline);
  material.approvals_then = find_approvals(then, question.policy, baseline);
  material.approvals_now = find_approvals(now, question.policy, baseline);
}

// What the host's own sockets are bound to, but for wildcards and loopback.
void collect_addresses(const schema::Snapshot& snapshot, std::set<schema::IpAddress>& addresses) {
  for (const schema::Socket& socket : snapshot.sockets) {
    const bool inet =
        socket.family == schema::Family::Ipv4 || socket.family == schema::Family::Ipv6;
    const schema::IpClass kind = socket.local_address.ip_class();
    const bool own = inet && kind != schema::IpClass::Any && kind != schema::IpClass::Loopback &&
                     kind != schema::IpClass::Multicast;
    if (own && snapshot.namespaces.at(socket.netns.value()).label == "host") {
      addresses.insert(socket.local_address.mapped_v4().value_or(socket.local_address));
    }
  }
}

}  // namespace

ReportMaterial read_material(const MaterialQuestion& question) {
  ReportMaterial material;
  History& history = question.history;
  const SeqRange snapshots = question.period.snapshots;
  const Seq latest = *history.last();
  material.missed = history.missed_runs();
  material.baselines = history.baselines();
  if (!question.baseline.empty()) {
    material.baseline = history.baseline(question.baseline);
  } else if (!material.baselines.empty()) {
    material.baseline = history.baseline(material.baselines.back().name);
  }
  read_coverage(question, material);
  history.read([&] {
    material.services =
        read_register(history, question.moments, snapshots, latest, question.on_progress);
    material.partial = read_coverage_gaps(history, snapshots, latest);
    // The state at the begin is that of a snapshot that was taken before it.
    const bool before = question.moments.wall(snapshots.first) < material.coverage.from;
    material.totals =
        count_snapshots(history, {Seq(snapshots.first.value() + (before ? 1 : 0)), snapshots.last});
    material.unsynchronized = find_unsynchronized(history, snapshots);
    compare_next(question, latest, material);
  });
  find_all_approvals(question, material);
  return material;
}

void judge_states(Judge& judge,
                  const MaterialQuestion& question,
                  std::size_t most,
                  ReportMaterial& material) {
  std::set<Seq> states{question.period.snapshots.first, question.period.snapshots.last};
  for (const RegisterChange& change : material.services.changes) {
    states.insert(change.after);
  }
  std::set<Seq> whole;
  for (const Seq seq : states) {
    whole.insert(whole_near(question.moments.thinned(), seq, question.period.snapshots.last));
  }
  const std::vector<Seq> all(whole.begin(), whole.end());
  std::vector<Seq> chosen = all;
  material.all_states = all.size() <= most;
  if (!material.all_states) {
    chosen.clear();
    for (std::size_t at = 0; at < most; ++at) {
      chosen.push_back(all[at * (all.size() - 1) / (most - 1)]);
    }
  }
  SituationLog log;
  std::set<schema::IpAddress> addresses;
  for (std::size_t at = 0; at < chosen.size(); ++at) {
    Judgement judgement = judge.judge(chosen[at]);
    collect_addresses(judgement.judged->snapshot(), addresses);
    // Until what listens has changed the next time, what was found lasts as long as its socket.
    const bool is_last = at + 1 == chosen.size();
    const Seq before_next = is_last ? chosen[at] : Seq(chosen[at + 1].value() - 1);
    log.add(judgement,
            material.all_states ? std::optional(question.moments.wall(before_next)) : std::nullopt);
    question.on_progress(static_cast<std::int64_t>(at), static_cast<std::int64_t>(chosen.size()));
  }
  material.judged = static_cast<std::uint32_t>(chosen.size());
  material.failures = log.failures();
  material.findings = log.take();
  material.addresses.assign(addresses.begin(), addresses.end());
}

}  // namespace sockwitness::query
