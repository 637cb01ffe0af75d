// Who answers, compared: the same people's program, or somebody else's.
//
// In:    the owners of one endpoint at two times.
// Out:   same, changed (with the owners that say so), or not to be told.
// Never: a lost worker, an idle socket-activated service or an unseen holder as a change.
#pragma once

#include <optional>

#include "schema/model/service.h"
#include "schema/view/owner_key.h"

namespace sockwitness::query {

using schema::OwnerKey;
using schema::stable_unit;

// Nobody could say who it is: that a service has no owner of its own (the kernel's) is known.
[[nodiscard]] bool owners_unseen(const schema::Service& service);

// Likewise, or somebody of whom not all could be read that makes him who he is.
[[nodiscard]] bool owners_doubtful(const schema::Service& service);

// All of them were started after `then`; without an owner it is not known.
[[nodiscard]] bool owners_younger(const schema::Service& service, schema::WallTime then);

struct OwnerComparison {
  enum class Verdict { Same, Inherited, Unseen, Changed };

  Verdict verdict = Verdict::Same;
  // Of Changed and Inherited: who was there, who is there now. Null: the kernel. Of Unseen: who may
  // have been there all along.
  const schema::Owner* before = nullptr;
  const schema::Owner* after = nullptr;
  bool joined = false;  // `before` is still there
  // Nobody saw who answers, and the socket is another user's: Changed, by these.
  std::optional<schema::SocketUser> maker_before = {};
  std::optional<schema::SocketUser> maker_after = {};
};

// `visibility` is that of the observation of `before`: its gaps may have hidden a holder.
[[nodiscard]] OwnerComparison compare_owners(const schema::Visibility& visibility,
                                             const schema::Service& before,
                                             const schema::Service& after);

}  // namespace sockwitness::query
