// One change of the register, ready for every form of the report.
//
// In:    the report's value, the position of a change.
// Out:   what a reader of one row has to know, resolved; raw bytes of the host.
// Never: an instant for what has only a bracket.
#pragma once

#include <string>
#include <string_view>

#include "query/report/compliance/compliance.h"

namespace sockwitness::query {

struct ChangeRow {
  std::string id;  // "C0001"
  const RegisterChange& registered;
  const schema::Service& shown;  // after the change; before it when it vanished
  const schema::Owner* owner =
      nullptr;                  // that stands for `shown`; null: the kernel, or hidden by a gap
  schema::WallTime not_before;  // of the last snapshot of the state before
  schema::WallTime seen;        // of the first one after
  // What it began, ended or happened in; null when it is not known. Its bracket is that of the
  // service, not of the change.
  const Interval* span = nullptr;
  std::string scope;          // "any address", "loopback", …
  std::string_view insecure;  // "telnet"; empty for none
  bool complete = true;       // both snapshots without a gap
  const Approval& then;
  const Approval& now;
};

[[nodiscard]] ChangeRow change_row(const ComplianceInput& input, std::size_t at);

// "approved since 2026-08-03", "approved later, on 2026-11-30", "expired", …; days of UTC.
[[nodiscard]] std::string approval_text(const Approval& approval);
// The approval that a change's row tells of: at the time if there was one, else as it stands now.
[[nodiscard]] inline const Approval& telling_approval(const Approval& then, const Approval& now) {
  return then.status < AccountStatus::Expired ? then : now;
}

// The protocol in clear text that usually has this port; empty for none.
[[nodiscard]] std::string_view insecure_word(const schema::Endpoint& endpoint);
// What a service can be reached at, all its addresses of the last snapshot that saw it together.
[[nodiscard]] std::string scope_of(const RegisterEntry& entry);
[[nodiscard]] bool is_complete(const ComplianceInput& input, schema::Seq seq);

}  // namespace sockwitness::query
