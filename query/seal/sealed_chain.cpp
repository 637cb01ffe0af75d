#include "query/seal/sealed_chain.h"

#include <fmt/format.h>

#include "query/verify/stamps.h"
#include "schema/chain/hex_bytes.h"

namespace sockwitness::query {
namespace {

constexpr std::size_t kMostSealProblems = 100;

schema::LinkHead head_of(const SealedLink& link) {
  schema::LinkHead head;
  head.record = link.record;
  head.kind = link.kind;
  head.written_us = link.written_us;
  head.successor = link.successor;
  head.leaves = link.leaves;
  head.root = link.root;
  return head;
}

}  // namespace

void add_problem(Verdict& verdict, std::optional<std::int64_t> record, std::string what) {
  ++verdict.problem_count;
  if (verdict.problems.size() < kMostSealProblems) {
    verdict.problems.push_back({record, std::nullopt, std::move(what)});
  }
}

SealedChain::SealedChain(const schema::ArchiveId& archive, const KnownAnchors& anchors)
    : known_(anchors), anchors_(anchors.of(archive)) {
  head_.archive = archive;
}

void SealedChain::add(const SealedLink& link, Verdict& verdict) {
  const bool first = links_.empty();
  if (first) {
    first_ = link.record;
    if (!link.key || !link.environment) {
      add_problem(verdict, link.record, "the chain begins without a key or an environment");
    }
  } else if (link.record != last_ + 1) {
    add_problem(verdict, last_ + 1, "its link is missing");
    return;
  }
  if (link.key) {
    key_ = *link.key;
    segments_.push_back({schema::to_hex(head_.archive), link.record, key_});
  }
  environment_ = link.environment.value_or(environment_);
  const auto marks = schema::decode_advance(marks_, link.advance);
  if (!marks || schema::mark_of(*marks, schema::kRecordNumbering) != link.record) {
    add_problem(verdict, link.record, "its link does not count records as they are numbered");
  }
  marks_ = marks.value_or(marks_);
  schema::LinkHead head = head_of(link);
  head.archive = head_.archive;
  head.previous = first ? schema::Hash{} : head_.head;
  head.key = key_;
  head.environment = environment_;
  head.marks = marks_;
  if (schema::hash_link_head(hasher_, head) != link.head) {
    add_problem(verdict, link.record, "its head is not that of what it says");
  } else if (!schema::is_signed(key_, link.head, link.signature)) {
    add_problem(
        verdict, link.record, "its signature is not by the key that the record before it names");
  }
  history_.add(link.record, marks_);
  links_.push_back({{link.root, link.leaves}, key_, link.head, link.signature});
  last_ = link.record;
  head_.record = link.record;
  head_.head = link.head;
  head_.signature = link.signature;
  key_ = link.successor;
  compare_anchors(link, verdict);
}

void SealedChain::compare_anchors(const SealedLink& link, Verdict& verdict) {
  KnownAnchors::Known told;
  const auto take = [&](const KnownAnchors::Heads& heads, std::int64_t number) {
    if (const auto found = heads.find(number); found != heads.end()) {
      told.heads.insert(found->second.heads.begin(), found->second.heads.end());
      told.outside = told.outside || found->second.outside;
    }
  };
  take(anchors_.by_record, link.record);
  const std::int64_t seq = schema::mark_of(marks_, schema::kSnapshotNumbering);
  if (history_.record_of({schema::kSnapshotNumbering, seq}) == link.record) {
    take(anchors_.by_seq, seq);
  }
  if (take_stamp(known_, link.record, link.head, verdict)) {
    verdict.anchor(link.record, link.written_us, seq);
  }
  if (told.heads.empty()) {
    return;
  }
  if (told.heads != std::set{link.head}) {
    add_problem(verdict, link.record, "an anchor tells of another record in its place");
  } else if (!told.outside) {
    verdict.agrees_beside_to = link.record;
  } else {
    verdict.anchor(link.record, link.written_us, seq);
  }
}

void SealedChain::finish(Verdict& verdict) {
  verdict.foreign_anchors = anchors_.foreign;
  report_stamps_of_others(known_, verdict);
  std::int64_t later = 0;
  for (const auto& [record, told] : anchors_.by_record) {
    if (record < first_) {
      add_problem(verdict, record, "an anchor tells of a record that was never signed here");
    }
    later += record > last_ ? 1 : 0;
  }
  if (later > 0) {
    verdict.notes.push_back(fmt::format(
        "{} anchors are of records that were written after the export was made", later));
  }
}

const SealedChain::Kept* SealedChain::find(std::int64_t record) const {
  return links_.empty() || record < first_ || record > last_
             ? nullptr
             : &links_[static_cast<std::size_t>(record - first_)];
}

std::optional<SealedChain::Root> SealedChain::root_of(std::int64_t record) const {
  const Kept* const link = find(record);
  return link == nullptr ? std::nullopt : std::optional(link->root);
}

std::optional<schema::PublicKey> SealedChain::key_of(std::int64_t record) const {
  if (record == last_ + 1 && !links_.empty()) {
    return key_;
  }
  const Kept* const link = find(record);
  return link == nullptr ? std::nullopt : std::optional(link->key);
}

std::optional<schema::Anchor> SealedChain::anchor_of(std::int64_t record) const {
  const Kept* const link = find(record);
  return link == nullptr
             ? std::nullopt
             : std::optional(schema::Anchor{head_.archive, record, link->head, link->signature});
}

}  // namespace sockwitness::query
