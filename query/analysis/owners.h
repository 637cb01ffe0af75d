// Who answers, compared: the same people's program, or somebody else's.
//
// In:    the owners of one endpoint at two times.
// Out:   same, changed (with the owners that say so), or not to be told.
// Never: a lost worker, an idle socket-activated service or an unseen holder as a change.
#pragma once

#include <compare>
#include <optional>
#include <string>

#include "schema/model/service.h"

namespace sockwitness::query {

// What stays the same over restarts and reboots.
struct OwnerKey {
  std::string program;
  std::string script;
  std::string user;
  std::string unit;  // stable_unit() of it
  std::string container;

  friend auto operator<=>(const OwnerKey&, const OwnerKey&) = default;
};

// Units that are numbered by the day lose their number: "session-12.scope" is a login session.
[[nodiscard]] std::string stable_unit(std::string_view unit);

[[nodiscard]] OwnerKey key_of(const schema::Owner& owner);

// The one that stands for a service: its oldest owner that does not hold it for others.
[[nodiscard]] const schema::Owner* principal(const schema::Service& service);

// Nobody could say who it is: that a service has no owner of its own (the kernel's) is known.
[[nodiscard]] bool owners_unseen(const schema::Service& service);

struct OwnerComparison {
  enum class Verdict { Same, Inherited, Unseen, Changed };

  Verdict verdict = Verdict::Same;
  // Of Changed and Inherited: who was there, who is there now. Null: the kernel.
  const schema::Owner* before = nullptr;
  const schema::Owner* after = nullptr;
  bool joined = false;  // `before` is still there
};

// `before_set` is the one that `before` belongs to: its gaps may have hidden a holder.
[[nodiscard]] OwnerComparison compare_owners(const schema::ServiceSet& before_set,
                                             const schema::Service& before,
                                             const schema::Service& after);

}  // namespace sockwitness::query
