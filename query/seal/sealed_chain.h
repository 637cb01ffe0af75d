// The links of a sealed export, one after the other.
//
// In:    links as its lines have them.
// Out:   what does not add up; the roots and marks that its rows are compared with.
// Never: takes a key from anywhere but the link before, or the place where a row of keys begins.
#pragma once

#include <optional>
#include <vector>

#include "query/seal/manifest.h"
#include "query/seal/mark_history.h"
#include "query/seal/sealed_link.h"
#include "query/verify/known_anchors.h"
#include "query/verify/verdict.h"

namespace sockwitness::query {

void add_problem(Verdict& verdict, std::optional<std::int64_t> record, std::string what);

class SealedChain {
 public:
  // `anchors` outlive it.
  SealedChain(const schema::ArchiveId& archive, const KnownAnchors& anchors);

  struct Root {
    schema::Hash root{};
    std::int64_t leaves = 0;
  };

  // In ascending order.
  void add(const SealedLink& link, Verdict& verdict);
  // After the last one.
  void finish(Verdict& verdict);

  [[nodiscard]] std::int64_t first() const { return first_; }
  [[nodiscard]] std::int64_t last() const { return last_; }
  [[nodiscard]] const schema::Anchor& head() const { return head_; }
  [[nodiscard]] std::optional<Root> root_of(std::int64_t record) const;
  [[nodiscard]] const MarkHistory& marks() const { return history_; }
  [[nodiscard]] std::optional<schema::PublicKey> key_of(std::int64_t record) const;
  // The link as an anchor names it: nothing for one that is not there.
  [[nodiscard]] std::optional<schema::Anchor> anchor_of(std::int64_t record) const;
  [[nodiscard]] const std::vector<schema::EnrolledKey>& segments() const { return segments_; }

 private:
  struct Kept {
    Root root;
    schema::PublicKey key;
    schema::Hash head;
    schema::Signature signature;
  };
  [[nodiscard]] const Kept* find(std::int64_t record) const;
  void compare_anchors(const SealedLink& link, Verdict& verdict);

  const KnownAnchors& known_;
  KnownAnchors::Of anchors_;
  schema::Hasher hasher_;
  schema::Anchor head_;
  std::int64_t first_ = 0;
  std::int64_t last_ = 0;
  schema::PublicKey key_{};
  schema::Hash environment_{};
  schema::Marks marks_;
  std::vector<Kept> links_;
  MarkHistory history_;
  std::vector<schema::EnrolledKey> segments_;
};

}  // namespace sockwitness::query
