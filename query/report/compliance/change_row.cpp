#include "query/report/compliance/change_row.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "query/analysis/reach.h"

namespace sockwitness::query {
namespace {

struct ClearText {
  schema::Protocol protocol;
  std::uint16_t port;
  std::string_view word;
};

// Protocols that send passwords, or everything, in clear text. By their usual port only.
constexpr std::array<ClearText, 14> kClearText{{{schema::Protocol::Tcp, 21, "ftp"},
                                                {schema::Protocol::Tcp, 23, "telnet"},
                                                {schema::Protocol::Udp, 69, "tftp"},
                                                {schema::Protocol::Tcp, 79, "finger"},
                                                {schema::Protocol::Tcp, 110, "pop3"},
                                                {schema::Protocol::Tcp, 143, "imap"},
                                                {schema::Protocol::Udp, 161, "snmp"},
                                                {schema::Protocol::Tcp, 389, "ldap"},
                                                {schema::Protocol::Tcp, 512, "rexec"},
                                                {schema::Protocol::Tcp, 513, "rlogin"},
                                                {schema::Protocol::Tcp, 514, "rsh"},
                                                {schema::Protocol::Tcp, 873, "rsync"},
                                                {schema::Protocol::Tcp, 5900, "vnc"},
                                                {schema::Protocol::Tcp, 6000, "x11"}}};

// The span of the entry that this change lies at the begin or at the end of.
const Interval* find_span(const RegisterEntry& entry, const RegisterChange& change) {
  const bool ends = change.change.kind == ChangeKind::VanishedService;
  const auto found =
      std::find_if(entry.spans.begin(), entry.spans.end(), [&](const Interval& span) {
        return ends ? span.not_after == change.after : span.seen.contains(change.after);
      });
  return found == entry.spans.end() ? nullptr : &*found;
}

}  // namespace

std::string_view insecure_word(const schema::Endpoint& endpoint) {
  const auto found = std::find_if(kClearText.begin(), kClearText.end(), [&](const auto& each) {
    return each.protocol == endpoint.protocol && schema::Port(each.port) == endpoint.port;
  });
  return found == kClearText.end() ? std::string_view() : found->word;
}

std::string approval_text(const Approval& approval) {
  constexpr std::size_t kDay = 10;
  const std::string day =
      approval.since ? schema::format_utc(*approval.since).substr(0, kDay) : std::string();
  if (approval.is_later()) {
    return "approved later, on " + day;
  }
  const std::string word(account_status_word(approval.status));
  return day.empty() ? word : word + " since " + day;
}

std::string scope_of(const RegisterEntry& entry) {
  std::vector<schema::Service> services;
  for (const RegisterPlace& place : entry.last_places) {
    services.emplace_back();
    services.back().endpoint = place.endpoint;
    services.back().v6only = place.v6only;
  }
  std::vector<const schema::Service*> all;
  for (const schema::Service& service : services) {
    all.push_back(&service);
  }
  return reach_words(reach_of(all));
}

bool is_complete(const ComplianceInput& input, schema::Seq seq) {
  return std::none_of(input.partial.begin(), input.partial.end(), [&](const CoverageGap& part) {
    return part.snapshots.contains(seq);
  });
}

ChangeRow change_row(const ComplianceInput& input, std::size_t at) {
  const RegisterChange& registered = input.services.changes[at];
  const Change& change = registered.change;
  const schema::Service& shown = change.after ? *change.after : *change.before;
  return {.id = fmt::format("C{:04}", at + 1),
          .registered = registered,
          .shown = shown,
          .owner = schema::principal(shown),
          .not_before = input.wall(registered.before),
          .seen = input.wall(registered.after),
          .span = find_span(input.services.entries[registered.entry], registered),
          .scope = reach_words(reach_of(shown)),
          .insecure = insecure_word(shown.endpoint),
          .complete = is_complete(input, registered.before) && is_complete(input, registered.after),
          .then = input.approvals_then[at],
          .now = input.approvals_now[at]};
}

}  // namespace sockwitness::query
