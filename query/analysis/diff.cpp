#include "query/analysis/diff.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "query/analysis/coverage.h"

namespace sockwitness::query {
namespace {

using schema::IpClass;

bool on_loopback(const Endpoint& endpoint) {
  const bool inet =
      endpoint.family == schema::Family::Ipv4 || endpoint.family == schema::Family::Ipv6;
  const auto address = endpoint.address.mapped_v4().value_or(endpoint.address);
  return inet && address.ip_class() == IpClass::Loopback;
}

bool same_program(const Owner& left, const Owner& right) {
  return !left.program.empty() && left.program == right.program && left.script == right.script;
}

bool listened_already(const Service& service, const std::vector<Service>& before) {
  return std::any_of(before.begin(), before.end(), [&](const Service& known) {
    return std::any_of(service.owners.begin(), service.owners.end(), [&](const Owner& owner) {
      return std::any_of(known.owners.begin(), known.owners.end(), [&](const Owner& other) {
        return same_program(owner, other);
      });
    });
  });
}

const Service* find_service(const std::vector<Service>& services, const Endpoint& endpoint) {
  const auto found = std::lower_bound(
      services.begin(),
      services.end(),
      endpoint,
      [](const Service& service, const Endpoint& wanted) { return service.endpoint < wanted; });
  return found != services.end() && found->endpoint == endpoint ? &*found : nullptr;
}

// The same endpoint among all sockets, whatever collect_services thinks of it: what was only taken
// for a client's port there has neither appeared nor gone.
bool has_endpoint(const schema::SnapshotView& view, const Endpoint& endpoint) {
  const auto& sockets = view.snapshot().sockets;
  return std::any_of(sockets.begin(), sockets.end(), [&](const schema::Socket& socket) {
    return socket.protocol == endpoint.protocol && socket.family == endpoint.family &&
           socket.local_port == endpoint.port && socket.local_address == endpoint.address &&
           socket.name == endpoint.name && view.netns_label(socket.netns) == endpoint.netns &&
           (socket.state == schema::SocketState::Listen ||
            socket.state == schema::SocketState::Unconnected);
  });
}

Change new_listener(const Service& service, const std::vector<Service>& before) {
  Change change{ChangeKind::NewListener,
                Severity::High,
                service.endpoint,
                std::nullopt,
                service,
                "nothing listened here before"};
  if (service.passing) {
    change.severity = Severity::Medium;
    change.why =
        "nothing was here before; UDP in the ephemeral range and in one snapshot only, so it may "
        "be a client";
  } else if (on_loopback(service.endpoint) && listened_already(service, before)) {
    change.severity = Severity::Info;
    change.why = "reachable from this host only, and its program listened elsewhere before";
  }
  return change;
}

Change vanished_service(const Service& service) {
  return {ChangeKind::VanishedService,
          Severity::Medium,
          service.endpoint,
          service,
          std::nullopt,
          "nothing listens here any more, and the place was looked at"};
}

class GapLedger {
 public:
  void add(Side side, std::size_t gap, const Endpoint& endpoint) {
    entries_[{side, gap}].push_back(endpoint);
  }

  [[nodiscard]] std::vector<NotCompared> list() const {
    std::vector<NotCompared> listed;
    for (const auto& [place, endpoints] : entries_) {
      listed.push_back({place.first, place.second, endpoints});
    }
    return listed;
  }

 private:
  std::map<std::pair<Side, std::size_t>, std::vector<Endpoint>> entries_;
};

}  // namespace

bool Diff::has_findings() const {
  return std::any_of(changes.begin(), changes.end(), [](const Change& change) {
    return change.severity > Severity::Info;
  });
}

Diff compare_services(const DiffSide& before, const DiffSide& after) {
  const auto old_services = collect_services(before.view, before.lifetimes);
  const auto new_services = collect_services(after.view, after.lifetimes);
  Diff diff;
  GapLedger ledger;
  for (const Service& service : new_services) {
    const Endpoint& endpoint = service.endpoint;
    if (find_service(old_services, endpoint) != nullptr || has_endpoint(before.view, endpoint)) {
      continue;
    }
    if (const auto gap = find_gap_before(before.view, after.view, endpoint)) {
      ledger.add(Side::Before, *gap, endpoint);
    } else {
      diff.changes.push_back(new_listener(service, old_services));
    }
  }
  for (const Service& service : old_services) {
    const Endpoint& endpoint = service.endpoint;
    if (service.passing || find_service(new_services, endpoint) != nullptr ||
        has_endpoint(after.view, endpoint)) {
      continue;
    }
    if (const auto gap = find_covering_gap(after.view, endpoint)) {
      ledger.add(Side::After, *gap, endpoint);
    } else {
      diff.changes.push_back(vanished_service(service));
    }
  }
  std::stable_sort(
      diff.changes.begin(), diff.changes.end(), [](const Change& left, const Change& right) {
        return std::tie(right.severity, left.kind, left.endpoint) <
               std::tie(left.severity, right.kind, right.endpoint);
      });
  diff.not_compared = ledger.list();
  return diff;
}

std::string_view change_kind_word(ChangeKind kind) {
  return kind == ChangeKind::NewListener ? "new_listener" : "vanished_service";
}

std::string_view severity_word(Severity severity) {
  switch (severity) {
    case Severity::Info:
      return "info";
    case Severity::Low:
      return "low";
    case Severity::Medium:
      return "medium";
    case Severity::High:
      return "high";
    case Severity::Critical:
      break;
  }
  return "critical";
}

}  // namespace sockwitness::query
