// Approvals by an administrator: services with a reason, an approver and an end; accepted findings.
//
// In:    built by query/policy from a file, or from literals.
// Out:   which entry approves a service at one instant, and why the others do not.
// Never: approves what could not be read: a hidden owner matches no entry.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "query/analysis/acceptance.h"
#include "schema/model/service.h"
#include "schema/view/address_pattern.h"

namespace sockwitness::query {

// Where an approved service may be reached: no further than this.
struct AddressScope {
  enum class Kind { Any, Loopback, Prefix };

  Kind kind = Kind::Any;
  schema::IpPrefix prefix;  // of Prefix
};

// A [[service]] of the policy. An empty list says nothing; of a list one member must fit.
struct PolicyEntry {
  std::string name;  // for people
  std::vector<schema::Protocol> protocols;
  std::vector<schema::PortRange> ports;
  std::vector<AddressScope> addresses;
  std::vector<std::uint32_t> rpc_programs;
  // Of unix sockets: patterns, an abstract name begins with '@'; of vsock sockets "CID:PORT".
  std::vector<std::string> paths;
  std::vector<std::string> programs;  // path, base name or pattern; "kernel" for the kernel's own
  std::vector<std::string> scripts;
  std::vector<std::string> users;
  std::vector<std::string> units;       // with or without ".service"
  std::vector<std::string> containers;  // beginning of the id, or pattern
  std::vector<std::string> namespaces;  // label or pattern
  std::vector<std::string> devices;     // interface that it is bound to, or pattern
  std::vector<std::string> targets;     // where a relay, proxy or NAT rule leads to, or pattern

  std::string reason;  // empty in a draft: such an entry approves nothing
  std::string owner;   // the user or team that answers for it
  std::string approved_by;
  std::string ticket;
  std::optional<std::chrono::year_month_day> review;       // to be looked at again from this day on
  std::optional<std::chrono::year_month_day> expires;      // the last day on which it holds, UTC
  std::optional<std::chrono::year_month_day> approved_on;  // the first day, UTC

  // The time for which the approval is proven: of approved_on and of the file it stands in.
  std::optional<schema::WallTime> holds_from;   // empty: any time before
  std::optional<schema::WallTime> holds_until;  // the file that follows has taken its place
  bool dated_by_file = false;                   // holds_from is of the file, not of approved_on

  std::uint32_t line = 0;  // of the file

  [[nodiscard]] bool is_draft() const { return reason.empty(); }
};

struct Policy {
  std::string source;  // path of the file, the newest of several; empty for none
  std::vector<PolicyEntry> entries;
  std::vector<FindingAcceptance> acceptances;
};

// All that it says is true of the service, whatever the day.
// Of the set: whether it may approve it for all that could be read; what could not may be as it
// says.
[[nodiscard]] bool may_fit(const PolicyEntry& entry,
                           const schema::Service& service,
                           const schema::ServiceSet& set);

// Its owner has no name because names could not be read.
[[nodiscard]] bool is_nameless(const schema::Service& service, const schema::ServiceSet& set);

[[nodiscard]] bool fits(const PolicyEntry& entry, const schema::Service& service);

// The owners that an entry must match: those that hold it for themselves, else the managers.
[[nodiscard]] std::vector<const schema::Owner*> counted_owners(const schema::Service& service);

// The first microsecond of a day, UTC.
[[nodiscard]] schema::WallTime begin_of_day(std::chrono::year_month_day day);
// The last microsecond at which an entry holds that expires on this day, UTC.
[[nodiscard]] schema::WallTime end_of_day(std::chrono::year_month_day day);

}  // namespace sockwitness::query
