// How one socket and its owners read in a line for people.
//
// In:    a socket, its holders, the names of the snapshot.
// Out:   safe text.
// Never: leaves an owner blank without saying why.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "query/report/neutral/safe_text.h"
#include "schema/model/container.h"
#include "schema/model/service.h"
#include "schema/view/snapshot_view.h"

namespace sockwitness::query {

// "0.0.0.0:22", "[::1]:22%lo", "*:22" for a socket that takes IPv4 and IPv6; names of the other
// families.
[[nodiscard]] SafeText local_text(const schema::Socket& socket);
// The same for the other end; empty when there is none.
[[nodiscard]] SafeText remote_text(const schema::Socket& socket);
// A wildcard that takes IPv4 as well is "*:80".
[[nodiscard]] SafeText endpoint_text(const schema::Endpoint& endpoint, std::optional<bool> v6only);
// "tcp 0.0.0.0:80", "tcp 10.0.0.1:80 in container 4f1c…"
[[nodiscard]] SafeText place_text(const schema::Endpoint& endpoint, std::optional<bool> v6only);
// A unix name: a path, or an abstract name with '@' in front.
[[nodiscard]] SafeText unix_name(std::string_view name);
// "route", "generic", … as ss calls them; the number otherwise.
[[nodiscard]] SafeText netlink_family(std::uint32_t number);
// "all", "ipv4", "arp", …; the number in hexadecimal otherwise.
[[nodiscard]] SafeText ethertype(std::uint32_t number);

// "nginx(812)", with the script of an interpreter: "python3(77) /opt/app.py".
[[nodiscard]] SafeText process_text(const schema::Process& process);
[[nodiscard]] SafeText process_text(const schema::Owner& owner);
// The oldest holder and how many other processes hold it too: "nginx(812) +4"; a reason without
// holders.
[[nodiscard]] SafeText owner_text(const schema::SnapshotView& view,
                                  const schema::Socket& socket,
                                  std::span<const schema::Holder> holders);
// "kernel", "closed by its process (time-wait)", …
// Who answers at a service without an owner.
[[nodiscard]] SafeText nobody_text(const schema::Service& service);
[[nodiscard]] SafeText no_holder_text(schema::NoHolderReason reason);
// "nginx.service", "container web", "container 4f1c…"; with `ids` "container web 4f1c…"
[[nodiscard]] SafeText place_text(std::string_view unit,
                                  std::string_view container,
                                  const std::optional<schema::ContainerFacts>& facts,
                                  bool ids = false);
[[nodiscard]] SafeText user_text(const schema::SnapshotView& view, schema::Uid uid);

}  // namespace sockwitness::query
