#include "schema/view/snapshot_view.h"

#include <algorithm>
#include <tuple>

#include "schema/base/scan.h"
#include "schema/model/snapshot.h"

namespace sockwitness::schema {
namespace {

// The port of a universal address, whose last two numbers are its high and low byte:
// "0.0.0.0.0.111". Source: RFC 1833, section 2; RFC 5665, section 5.2.3.
std::optional<std::uint16_t> universal_port(std::string_view address) {
  const auto low_dot = address.rfind('.');
  if (low_dot == std::string_view::npos || low_dot == 0) {
    return std::nullopt;
  }
  const auto high_dot = address.rfind('.', low_dot - 1);
  if (high_dot == std::string_view::npos) {
    return std::nullopt;
  }
  const auto high =
      parse_number<std::uint8_t>(address.substr(high_dot + 1, low_dot - high_dot - 1));
  const auto low = parse_number<std::uint8_t>(address.substr(low_dot + 1));
  if (!high || !low) {
    return std::nullopt;
  }
  return static_cast<std::uint16_t>((*high << 8U) | *low);
}

}  // namespace

SnapshotView::SnapshotView(const Snapshot& snapshot)
    : snapshot_(snapshot),
      holders_(snapshot.holders),
      first_holder_(snapshot.sockets.size() + 1, 0) {
  std::sort(holders_.begin(), holders_.end(), [&](const Holder& left, const Holder& right) {
    const auto key = [&](const Holder& holder) {
      const Process& owner = process(holder.process);
      return std::tuple(holder.socket, owner.start, owner.pid, holder.fd);
    };
    return key(left) < key(right);
  });
  for (const Holder& holder : holders_) {
    ++first_holder_.at(holder.socket.value() + std::size_t{1});
  }
  for (std::size_t at = 1; at < first_holder_.size(); ++at) {
    first_holder_[at] += first_holder_[at - 1];
  }
  for (const UserName& user : snapshot.users) {
    users_.push_back(&user);
  }
  std::stable_sort(users_.begin(), users_.end(), [](const auto* left, const auto* right) {
    return left->uid < right->uid;
  });
}

const Socket& SnapshotView::socket(SocketIndex index) const {
  return snapshot_.sockets.at(index.value());
}

const Process& SnapshotView::process(ProcessIndex index) const {
  return snapshot_.processes.at(index.value());
}

std::span<const Holder> SnapshotView::holders(SocketIndex index) const {
  const std::size_t first = first_holder_.at(index.value());
  const std::size_t last = first_holder_.at(index.value() + std::size_t{1});
  return std::span(holders_).subspan(first, last - first);
}

const Program* SnapshotView::program(const Process& process) const {
  return process.program ? &snapshot_.programs.at(process.program->value()) : nullptr;
}

const Program* SnapshotView::script_file(const Process& process) const {
  return process.script_file ? &snapshot_.programs.at(process.script_file->value()) : nullptr;
}

std::span<const UserName* const> SnapshotView::user_names(Uid uid) const {
  const auto begin =
      std::lower_bound(users_.begin(), users_.end(), uid, [](const auto* user, Uid wanted) {
        return user->uid < wanted;
      });
  const auto end =
      std::find_if(begin, users_.end(), [&](const auto* user) { return user->uid != uid; });
  return {begin, end};
}

std::optional<std::string_view> SnapshotView::user_name(Uid uid) const {
  const auto names = user_names(uid);
  return names.empty() ? std::nullopt : std::optional<std::string_view>(names.front()->name);
}

bool SnapshotView::is_named(Uid uid, std::string_view name) const {
  const auto names = user_names(uid);
  return std::any_of(
      names.begin(), names.end(), [&](const UserName* user) { return user->name == name; });
}

std::string_view SnapshotView::netns_label(NetnsIndex index) const {
  return snapshot_.namespaces.at(index.value()).label;
}

WallTime SnapshotView::started_at(const Process& process) const {
  const std::int64_t age_ns = snapshot_.begin.since_boot.nanoseconds - process.start.nanoseconds;
  return {snapshot_.begin.wall.microseconds - age_ns / 1000};
}

std::vector<std::uint32_t> SnapshotView::rpc_programs(const Socket& socket) const {
  std::vector<std::uint32_t> programs;
  if (!is_inet(socket) || netns_label(socket.netns) != "host") {
    return programs;
  }
  std::string transport(protocol_name(socket.protocol));
  if (socket.family == Family::Ipv6) {
    transport += '6';
  }
  for (const RpcRegistration& entry : snapshot_.registrations) {
    if (entry.transport == transport &&
        universal_port(entry.address) == socket.local_port.value()) {
      programs.push_back(entry.program);
    }
  }
  std::sort(programs.begin(), programs.end());
  programs.erase(std::unique(programs.begin(), programs.end()), programs.end());
  return programs;
}

}  // namespace sockwitness::schema
