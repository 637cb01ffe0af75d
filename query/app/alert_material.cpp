#include "query/app/alert_material.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "query/app/situation_log.h"
#include "query/read/coverage_gaps.h"
#include "query/read/service_runs.h"

namespace sockwitness::query {
namespace {

using schema::Seq;
using schema::SeqRange;

// Snapshots since the last alert that are judged; of more, a part. A day of five minutes has 288.
constexpr std::size_t kMostJudged = 1024;
// Before them, to recognise what was reported.
constexpr std::size_t kMostKnown = 16;
// Before where comparisons begin: what stays over several snapshots is no client's port.
constexpr std::size_t kLeadIn = 6;

Seq latest_of(const AlertQuestion& question) {
  return question.moments[question.moments.size() - 1].seq;
}

void read_services(const AlertQuestion& question, AlertMaterial& material) {
  const Seq latest = latest_of(question);
  const Moments& moments = question.moments;
  const std::size_t from = moments.at_or_after(question.base.from);
  const SeqRange snapshots{moments[from - std::min(from, kLeadIn)].seq, latest};
  question.history.read([&] {
    material.services =
        read_register(question.history, moments, snapshots, latest, question.on_progress);
    material.gaps = read_coverage_gaps(question.history, snapshots, latest);
  });
}

std::vector<Seq> known_snapshots(const AlertQuestion& question) {
  std::vector<Seq> known;
  for (const Moment& moment : question.moments.all()) {
    if (moment.seq >= question.base.from && moment.seq <= question.base.reported_up_to) {
      known.push_back(moment.seq);
    }
  }
  if (known.size() > kMostKnown) {
    known.erase(known.begin() + 1, known.end() - static_cast<std::ptrdiff_t>(kMostKnown) + 1);
  }
  return known;
}

// All that are new; of too many those at which what listens had changed, and some of the others.
std::vector<Seq> new_snapshots(const AlertQuestion& question, AlertMaterial& material) {
  std::vector<Seq> all;
  for (const Moment& moment : question.moments.all()) {
    if (moment.seq > question.base.reported_up_to) {
      all.push_back(moment.seq);
    }
  }
  if (all.size() <= kMostJudged) {
    return all;
  }
  std::set<Seq> chosen{all.back()};
  for (std::size_t at = 0; at < kMostJudged / 2; ++at) {
    chosen.insert(all[at * (all.size() - 1) / (kMostJudged / 2 - 1)]);
  }
  for (const RegisterChange& change : material.services.changes) {
    if (change.after > question.base.reported_up_to && chosen.size() < kMostJudged) {
      chosen.insert(change.after);
    }
  }
  material.note = fmt::format(
      "rules looked at {} of {} snapshots; sockwitness check --since '#{}' looks at all of them",
      chosen.size(),
      all.size(),
      all.front().value());
  return {chosen.begin(), chosen.end()};
}

void judge_snapshots(const AlertQuestion& question, Judge& judge, AlertMaterial& material) {
  std::vector<Seq> chosen =
      question.base.anew ? std::vector<Seq>{latest_of(question)} : known_snapshots(question);
  if (!question.base.anew) {
    const std::vector<Seq> more = new_snapshots(question, material);
    chosen.insert(chosen.end(), more.begin(), more.end());
  }
  // Of a part of a snapshot rules would judge what it is a part of.
  const auto& thinned = question.moments.thinned();
  for (Seq& seq : chosen) {
    seq = whole_near(thinned, seq, latest_of(question));
  }
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  SituationLog log;
  for (std::size_t at = 0; at < chosen.size(); ++at) {
    Judgement judgement = judge.judge(chosen[at]);
    log.add(judgement);
    question.on_progress(static_cast<std::int64_t>(at), static_cast<std::int64_t>(chosen.size()));
  }
  material.failures = log.failures();
  material.seen = log.last_seen();
  material.findings = log.take();
}

AccountBook account_of(const AlertQuestion& question, const schema::ServiceSet& present) {
  return account_for(present,
                     question.policy,
                     question.baseline ? &*question.baseline : nullptr,
                     question.now,
                     false);
}

}  // namespace

AlertMaterial read_alert_material(const AlertQuestion& question, Judge& judge) {
  AlertMaterial material;
  ChronicleOptions schedule;
  schedule.expect_every_us = question.expect_every_us;
  schedule.until = question.now;
  material.missed = question.history.missed_runs();
  material.events = build_chronicle(question.moments, material.missed, schedule);
  read_services(question, material);
  judge_snapshots(question, judge, material);
  material.present = question.history.services(latest_of(question), true);
  material.book = account_of(question, material.present);
  return material;
}

AlertMetrics measure_latest(const AlertQuestion& question, Judge& judge) {
  const Seq latest = latest_of(question);
  const schema::SnapshotInfo info = question.history.info(latest);
  AlertMetrics metrics;
  metrics.last_snapshot = info.begin.wall;
  metrics.gaps = info.totals.gaps;
  const schema::ServiceSet present = question.history.services(latest, true);
  const AccountBook book = account_of(question, present);
  metrics.listeners = book.accounts.size();
  if (!question.policy.entries.empty() || question.baseline) {
    metrics.unexplained = static_cast<std::size_t>(
        std::count_if(book.accounts.begin(), book.accounts.end(), [](const Account& account) {
          return account.status >= AccountStatus::Expired;
        }));
  }
  for (const Finding& finding : judge.judge(latest).findings) {
    if (!finding.accepted()) {
      ++metrics.findings[finding.severity()];
    }
  }
  return metrics;
}

}  // namespace sockwitness::query
