// Owners of one endpoint compared: the same program of the same user, or another.
//
// In:    the owners of one endpoint at two times.
// Out:   same, changed (with the owners that differ), or unseen: gaps hide them.
// Never: a lost worker, an idle socket-activated service or an unseen holder as a change.
#pragma once

#include <optional>

#include "schema/model/service.h"
#include "schema/view/owner_key.h"

namespace sockwitness::query {

using schema::OwnerKey;
using schema::stable_unit;

// Its owner could not be read. That a service has none (the kernel's) is known.
[[nodiscard]] bool owners_unseen(const schema::Service& service);

// Likewise, or a part of the identity of an owner could not be read.
[[nodiscard]] bool owners_doubtful(const schema::Service& service);

// All of them were started after `then`; without an owner it is not known.
[[nodiscard]] bool owners_younger(const schema::Service& service, schema::WallTime then);

struct OwnerComparison {
  enum class Verdict { Same, Inherited, Unseen, Changed };

  Verdict verdict = Verdict::Same;
  // Of Changed and Inherited: the owner before, the owner now. Null: the kernel. Of Unseen: the one
  // that may have been there before, too.
  const schema::Owner* before = nullptr;
  const schema::Owner* after = nullptr;
  bool joined = false;  // `before` is still there
  // The owner is hidden, and the socket is another user's: Changed, by these.
  std::optional<schema::SocketUser> maker_before = {};
  std::optional<schema::SocketUser> maker_after = {};
};

// `visibility` is that of the observation of `before`: its gaps may have hidden a holder.
[[nodiscard]] OwnerComparison compare_owners(const schema::Visibility& visibility,
                                             const schema::Service& before,
                                             const schema::Service& after);

}  // namespace sockwitness::query
