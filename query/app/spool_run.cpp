#include "query/app/spool_run.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "query/alert/coverage_news.h"
#include "query/analysis/account.h"
#include "query/read/archive_reader.h"
#include "query/read/hour_peers.h"
#include "query/read/other_records.h"
#include "query/read/program_begins.h"
#include "query/read/service_runs.h"
#include "query/read/snapshot_contexts.h"
#include "query/read/snapshot_heads.h"
#include "query/report/export/spool_lines.h"
#include "query/spool/finding_rows.h"
#include "query/spool/service_rows.h"

namespace sockwitness::query {
namespace {

using schema::Seq;
using schema::SeqRange;
using schema::WallTime;

// Before comparisons begin again: what stays over several snapshots is no client's port.
constexpr std::int64_t kRepeatedSnapshots = 6;

constexpr std::int64_t kHourUs = 3'600'000'000;

constexpr const char* kSnapshots = "snapshots";
constexpr const char* kServices = "services";
constexpr const char* kPrograms = "programs";
constexpr const char* kPeers = "peers";
constexpr const char* kFindings = "findings";

std::int64_t hour_of(WallTime time) {
  const std::int64_t hour = time.microseconds / kHourUs;
  return time.microseconds % kHourUs < 0 ? hour - 1 : hour;
}

Seq next(Seq seq) {
  return Seq(seq.value() + 1);
}

bool sees_all(const schema::Visibility& visibility) {
  return std::none_of(visibility.gaps.begin(), visibility.gaps.end(), is_blinding);
}

// Where comparisons begin again after `epoch`; nothing yet, or nothing up to `last`.
std::optional<Seq> find_next_epoch(const SnapshotContexts& contexts,
                                   const SpoolSettings& settings,
                                   Seq epoch,
                                   Seq last) {
  const Seq longest(epoch.value() + settings.longest_epoch);
  for (Seq seq(epoch.value() + settings.epoch); seq <= std::min(last, longest); seq = next(seq)) {
    if (seq == longest || sees_all(contexts.visibility(seq))) {
      return seq;
    }
  }
  return std::nullopt;
}

// What was asked for and allowed, by place.
class ExpectedServices {
 public:
  ExpectedServices(const schema::ServiceSet& set,
                   const Policy& policy,
                   const schema::Baseline* baseline) {
    if (policy.entries.empty() && baseline == nullptr) {
      return;
    }
    book_ = account_for(set, policy, baseline, set.as_of, false);
    for (const Account& account : book_.accounts) {
      by_place_.emplace(account.service->endpoint, &account);
    }
  }
  [[nodiscard]] const Account* find(const schema::Service& service) const {
    const auto found = by_place_.find(service.endpoint);
    return found == by_place_.end() ? nullptr : found->second;
  }

 private:
  AccountBook book_;
  std::map<schema::Endpoint, const Account*> by_place_;
};

}  // namespace

// Snapshots whose lines are written together.
struct SpoolRun::Piece {
  SeqRange snapshots;
  std::vector<schema::SnapshotInfo> infos;
  std::vector<SnapshotHead> heads;  // parallel

  [[nodiscard]] std::size_t place_of(Seq seq) const {
    return static_cast<std::size_t>(seq.value() - snapshots.first.value());
  }
  [[nodiscard]] const std::string& head_of(Seq seq) const { return heads.at(place_of(seq)).head; }
};

SpoolRun::SpoolRun(History& history,
                   Judge* judge,
                   const SpoolSettings& settings,
                   LineSpool& spool,
                   SpoolCursor& cursor,
                   const OnProgress& on_progress)
    : history_(history),
      judge_(judge),
      settings_(settings),
      spool_(spool),
      all_(cursor),
      on_progress_(on_progress),
      moments_(history.moments()),
      archive_(read_archive(history)),
      latest_(moments_[moments_.size() - 1].seq) {
  const auto infos = history.baselines();
  if (!infos.empty()) {
    baseline_ = history.baseline(infos.back().name);
  }
}

std::optional<WallTime> SpoolRun::time_of(Seq seq) const {
  const auto place = moments_.find(seq);
  return place ? std::optional(moments_[*place].begin.wall) : std::nullopt;
}

const std::string& SpoolRun::host_at(Seq seq) const {
  const std::size_t place = std::min(moments_.at_or_after(seq), moments_.size() - 1);
  return moments_.context(moments_[place]).host_name;
}

void SpoolRun::put(const char* kind, const std::string& line) {
  spool_.add(kind, line);
  ++lines_;
  bytes_ += line.size();
}

// Where the lines begin, and what is not written.
void SpoolRun::begin(SpoolReport& report) {
  const Seq first = moments_[0].seq;
  const auto known = all_.find(archive_);
  if (known != all_.end() && known->second.last) {
    const Stamp last = *known->second.last;
    const auto time = time_of(last.seq);
    if (latest_ < last.seq || (time && *time != last.at)) {
      report.notes.push_back(
          fmt::format("snapshot {} was told, and is another one or not there: all is told again",
                      last.seq.value()));
      all_.erase(known);
    }
  }
  cursor_ = &all_[archive_];
  if (!cursor_->last) {
    cursor_->epoch = first;
    cursor_->peers_from = first;
    return;
  }
  const Seq wanted = next(cursor_->last->seq);
  if (wanted < first) {
    const SeqRange pruned{wanted, Seq(first.value() - 1)};
    put(kSnapshots,
        spool_notice({host_at(first), archive_, pruned.last, {}}, {"pruned", pruned, {}, 0}));
    report.notes.push_back(fmt::format("snapshots {} to {} were pruned before they were told",
                                       pruned.first.value(),
                                       pruned.last.value()));
  }
  cursor_->epoch = std::max(cursor_->epoch, first);
  cursor_->peers_from = std::max(cursor_->peers_from, first);
}

// Up to where comparisons begin again, or the latest.
SeqRange SpoolRun::next_piece() {
  const Seq first =
      cursor_->last ? std::max(next(cursor_->last->seq), moments_[0].seq) : moments_[0].seq;
  while (true) {
    const SeqRange range{cursor_->epoch,
                         std::min(latest_, Seq(cursor_->epoch.value() + settings_.longest_epoch))};
    std::optional<Seq> epoch;
    history_.read([&] {
      const SnapshotContexts contexts(history_, range, latest_, SnapshotContexts::Gaps::OfSockets);
      epoch = find_next_epoch(contexts, settings_, cursor_->epoch, range.last);
    });
    if (!epoch || *epoch >= first) {
      return {first, epoch.value_or(latest_)};
    }
    cursor_->epoch = *epoch;
  }
}

void SpoolRun::add_snapshots(const Piece& piece) {
  history_.read([&] {
    const SnapshotContexts contexts(
        history_, piece.snapshots, latest_, SnapshotContexts::Gaps::All);
    for (std::size_t at = 0; at < piece.infos.size(); ++at) {
      const schema::SnapshotInfo& info = piece.infos[at];
      std::optional<schema::Visibility> gaps;
      if (!info.complete()) {
        gaps = contexts.visibility(info.seq);
      }
      put(kSnapshots,
          spool_snapshot(
              {info.context.host_name, archive_, info.seq, piece.heads[at].head},
              {info, piece.heads[at].record, gaps ? &*gaps : nullptr, settings_.policy_hash}));
    }
  });
}

void SpoolRun::add_services(const Piece& piece) {
  ServiceRows rows(std::move(cursor_->services), [this](Seq seq) { return time_of(seq); });
  ServiceChanges changes;
  std::vector<ServiceLine> lines;
  const Seq written = Seq(piece.snapshots.first.value() - 1);
  const Seq begin = std::max(moments_[0].seq, Seq(cursor_->epoch.value() - kRepeatedSnapshots));
  const auto take = [&](SeqRange snapshots, const schema::ServiceSet& set) {
    const StateChanges step = changes.add(snapshots, set);
    if (snapshots.last <= written) {
      rows.skip(snapshots, step);
      return;
    }
    const ExpectedServices expected(set, settings_.policy, baseline_ ? &*baseline_ : nullptr);
    rows.add(
        snapshots,
        set,
        step,
        [&](const schema::Service& service) {
          return service_content(service, expected.find(service));
        },
        lines);
  };
  history_.read([&] {
    visit_services(
        history_,
        moments_,
        {begin, piece.snapshots.last},
        latest_,
        on_progress_,
        [&](SeqRange snapshots, const schema::ServiceSet& set) {
          if (snapshots.contains(written) && written < snapshots.last) {
            take({snapshots.first, written}, set);
            snapshots.first = next(written);
          }
          take(snapshots, set);
        },
        Hindsight::Leave);
  });
  for (const ServiceLine& line : lines) {
    const Seq seq = line.stamp.seq;
    put(kServices, spool_service({host_at(seq), archive_, seq, piece.head_of(seq)}, line));
  }
  cursor_->services = rows.open();
}

void SpoolRun::add_programs(const Piece& piece) {
  for (const ProgramBegin& begin :
       read_program_begins(history_, piece.snapshots, cursor_->programs)) {
    put(kPrograms,
        spool_program({host_at(begin.seq), archive_, begin.seq, piece.head_of(begin.seq)},
                      begin,
                      moments_.wall(begin.seq)));
  }
}

// Of hours that are over: the first snapshot of the next one tells them.
void SpoolRun::add_peers(const Piece& piece) {
  Seq from = cursor_->peers_from;
  const std::size_t end = moments_.at_or_after(piece.snapshots.last);
  for (std::size_t at = moments_.at_or_after(from) + 1; at <= end; ++at) {
    const std::int64_t hour = hour_of(moments_[at - 1].begin.wall);
    if (hour_of(moments_[at].begin.wall) == hour) {
      continue;
    }
    const Seq teller = moments_[at].seq;
    const SeqRange snapshots{from, moments_[at - 1].seq};
    from = teller;
    const auto peers = read_hour_peers(history_, moments_, snapshots, latest_, on_progress_);
    // An hour of which a part was written before it was over is written from its own snapshots.
    const LineHead head{host_at(teller),
                        archive_,
                        teller,
                        piece.snapshots.contains(teller) ? std::string_view(piece.head_of(teller))
                                                         : std::string_view()};
    PeerTimes times{WallTime{hour * kHourUs},
                    moments_.wall(snapshots.first),
                    moments_.wall(snapshots.last),
                    snapshots.first};
    std::uint64_t more = 0;
    std::uint64_t connections = 0;
    for (std::size_t row = 0; row < peers.size(); ++row) {
      if (row >= settings_.peers) {
        ++more;
        connections += peers[row].connections;
        continue;
      }
      PeerTimes own = times;
      own.first = moments_.wall(peers[row].seen.first);
      own.last = moments_.wall(peers[row].seen.last);
      put(kPeers, spool_peer(head, own, peers[row]));
    }
    if (more > 0) {
      put(kPeers, spool_more_peers(head, times, more, connections));
    }
  }
  cursor_->peers_from = from;
}

void SpoolRun::add_findings(const Piece& piece) {
  if (judge_ == nullptr) {
    return;
  }
  Seq seq = piece.snapshots.first;
  if (seq < judged_from_) {
    const SeqRange left{seq, std::min(piece.snapshots.last, Seq(judged_from_.value() - 1))};
    put(kSnapshots,
        spool_notice({host_at(left.last), archive_, left.last, piece.head_of(left.last)},
                     {"not_judged", left, {}, 0}));
    seq = next(left.last);
  }
  FindingRows rows(std::move(cursor_->findings), cursor_->judged);
  std::vector<FindingLine> lines;
  for (; seq <= piece.snapshots.last; seq = next(seq)) {
    const Judgement judgement = judge_->judge(seq);
    JudgedOnce once{{seq, moments_.wall(seq)}, {}, {}};
    for (const Finding& finding : judgement.findings) {
      once.findings.push_back(
          {finding_key(finding), finding.lead().rule->id, finding_content(finding)});
    }
    for (const RuleFailure& failure : judgement.failures) {
      once.unsure.insert(failure.rule->id);
    }
    const auto& gaps = judgement.judged->snapshot().gaps;
    for (const Blindness& blind : judgement.blindness) {
      if (is_blinding(gaps.at(blind.gap))) {
        for (const Rule* rule : blind.rules) {
          once.unsure.insert(rule->id);
        }
      }
    }
    rows.add(once, lines);
    on_progress_(seq.value() - piece.snapshots.first.value(),
                 piece.snapshots.last.value() - piece.snapshots.first.value() + 1);
  }
  for (const FindingLine& line : lines) {
    const Seq shown = line.stamp.seq;
    put(kFindings, spool_finding({host_at(shown), archive_, shown, piece.head_of(shown)}, line));
  }
  cursor_->findings = rows.open();
  cursor_->judged = rows.judged();
}

// Those up to the last snapshot of the piece; after the latest one all there are.
void SpoolRun::add_records(const Piece& piece) {
  const bool all = piece.snapshots.last == latest_;
  const std::int64_t until = piece.heads.empty() ? 0 : piece.heads.back().record;
  for (const OtherRecord& record : read_other_records(history_, cursor_->record)) {
    if (!all && record.record > until) {
      break;
    }
    const Seq after = record.missed   ? record.missed->after.value_or(Seq(0))
                      : record.pruned ? record.pruned->last
                                      : Seq(0);
    put(kSnapshots, spool_record({host_at(after), archive_, after, record.head}, record));
    cursor_->record = record.record;
  }
}

void SpoolRun::commit(SpoolReport& report) {
  // Room for what tells of the files that are removed.
  constexpr std::uint64_t kNotice = 512;
  const std::vector<RemovedFile> excess = spool_.files_in_excess(kNotice);
  for (const RemovedFile& file : excess) {
    const Seq seq = cursor_->last ? cursor_->last->seq : Seq(0);
    put(kSnapshots,
        spool_notice({host_at(seq), archive_, seq, {}}, {"removed", {}, file.name, file.lines}));
    report.removed.push_back(file);
  }
  spool_.commit(write_spool_cursor(all_), excess);
}

void SpoolRun::write_piece(SeqRange snapshots, SpoolReport& report) {
  Piece piece{snapshots, history_.snapshots(snapshots.first, snapshots.last), {}};
  history_.read([&] {
    SnapshotHeads heads(history_, snapshots);
    for (std::size_t at = 0; at < piece.infos.size(); ++at) {
      piece.heads.push_back(heads.next());
    }
  });
  add_records(piece);
  add_snapshots(piece);
  add_services(piece);
  add_programs(piece);
  add_peers(piece);
  add_findings(piece);
  cursor_->last = Stamp{snapshots.last, moments_.wall(snapshots.last)};
  report.snapshots += piece.infos.size();
}

void SpoolRun::run(SpoolReport& report) {
  begin(report);
  const std::int64_t waiting =
      latest_.value() - (cursor_->last ? cursor_->last->seq.value() : moments_[0].seq.value() - 1);
  const auto most = static_cast<std::int64_t>(settings_.judged);
  judged_from_ = Seq(waiting > most ? latest_.value() - most + 1 : 0);
  constexpr std::uint64_t kBatch = std::uint64_t{4} << 20;
  const std::uint64_t before = lines_;
  while (!cursor_->last || cursor_->last->seq < latest_) {
    const SeqRange piece = next_piece();
    write_piece(piece, report);
    if (spool_.bytes_waiting() >= kBatch) {
      commit(report);
    }
  }
  add_records({{next(latest_), latest_}, {}, {}});
  if (spool_.bytes_waiting() > 0 || lines_ != before) {
    commit(report);
  }
  report.lines += lines_;
  report.bytes += bytes_;
}

}  // namespace sockwitness::query
