#include "query/rules/channel_finder.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "schema/base/scan.h"
#include "schema/model/snapshot.h"

namespace sockwitness::query {
namespace {

using schema::Descriptor;
using schema::DescriptorKind;
using schema::Holder;
using schema::Process;
using schema::SocketIndex;

// One number for each thing that two ends have in common.
class Numbers {
 public:
  std::uint32_t of(ChannelKind kind, std::uint64_t first, std::uint64_t second = 0) {
    const auto next = static_cast<std::uint32_t>(numbers_.size());
    return numbers_.try_emplace({kind, first, second}, next).first->second;
  }

 private:
  std::map<std::tuple<ChannelKind, std::uint64_t, std::uint64_t>, std::uint32_t> numbers_;
};

// "/dev/pts/7": 7.
std::optional<std::uint32_t> slave_number(const Descriptor& descriptor) {
  std::string_view target = descriptor.target;
  if (descriptor.kind != DescriptorKind::Terminal || !schema::scan_literal(target, "/dev/pts/")) {
    return std::nullopt;
  }
  return schema::parse_number<std::uint32_t>(target);
}

class Terminals {
 public:
  Terminals(const schema::Snapshot& snapshot, Numbers& numbers)
      : snapshot_(snapshot), numbers_(numbers) {
    for (const Descriptor& descriptor : snapshot.descriptors) {
      if (const auto number = slave_number(descriptor)) {
        slaves_.emplace(*number, &descriptor);
      }
    }
  }

  [[nodiscard]] std::uint32_t number_of(const Descriptor& slave, std::uint32_t number) {
    return numbers_.of(ChannelKind::Terminal, number, slave.device.value());
  }

  // The terminal that a master belongs to. Containers have terminals of their own, numbered from
  // 0 again. A master that was opened by the path of its own file system has that one's device;
  // one that was opened as /dev/ptmx has that of /dev, and the mount namespace has to decide.
  [[nodiscard]] std::optional<std::uint32_t> find_channel(const Descriptor& master) {
    const auto [first, last] = slaves_.equal_range(master.number);
    std::optional<std::uint32_t> any;
    bool ambiguous = false;
    for (auto slave = first; slave != last; ++slave) {
      const std::uint32_t channel = number_of(*slave->second, master.number);
      if (slave->second->device == master.device || same_mounts(*slave->second, master)) {
        return channel;
      }
      ambiguous = ambiguous || (any && *any != channel);
      any = channel;
    }
    return ambiguous ? std::nullopt : any;
  }

 private:
  [[nodiscard]] bool same_mounts(const Descriptor& left, const Descriptor& right) const {
    const auto mounts = [&](const Descriptor& descriptor) {
      return snapshot_.processes[descriptor.process.value()].mount_namespace;
    };
    return mounts(left) == mounts(right) && mounts(left) != schema::Inode();
  }

  const schema::Snapshot& snapshot_;
  Numbers& numbers_;
  std::multimap<std::uint32_t, const Descriptor*> slaves_;
};

void add_descriptors(const schema::Snapshot& snapshot,
                     Numbers& numbers,
                     std::vector<ChannelEnd>& ends) {
  Terminals terminals(snapshot, numbers);
  for (const Descriptor& descriptor : snapshot.descriptors) {
    const auto add = [&](ChannelKind kind, ChannelSide side, std::uint32_t channel) {
      ends.push_back({channel, kind, side, descriptor.process, descriptor.fd});
    };
    if (descriptor.kind == DescriptorKind::Pipe) {
      add(ChannelKind::Pipe,
          ChannelSide::Shared,
          numbers.of(ChannelKind::Pipe, descriptor.inode.value()));
    } else if (descriptor.kind == DescriptorKind::Fifo) {
      add(ChannelKind::Fifo,
          ChannelSide::Shared,
          numbers.of(ChannelKind::Fifo, descriptor.inode.value(), descriptor.device.value()));
    } else if (const auto number = slave_number(descriptor)) {
      add(ChannelKind::Terminal, ChannelSide::Slave, terminals.number_of(descriptor, *number));
    } else if (descriptor.kind == DescriptorKind::PtyMaster) {
      if (const auto channel = terminals.find_channel(descriptor)) {
        add(ChannelKind::Terminal, ChannelSide::Master, *channel);
      }
    }
  }
}

void add_unix(const schema::Snapshot& snapshot,
              std::span<const std::optional<SocketIndex>> peers,
              Numbers& numbers,
              std::vector<ChannelEnd>& ends) {
  for (const Holder& holder : snapshot.holders) {
    const schema::Socket& socket = snapshot.sockets[holder.socket.value()];
    const auto& peer = peers[holder.socket.value()];
    if (socket.family != schema::Family::Unix || !peer) {
      continue;
    }
    const bool first = holder.socket < *peer;
    ends.push_back({numbers.of(ChannelKind::Unix,
                               std::min(holder.socket, *peer).value(),
                               std::max(holder.socket, *peer).value()),
                    ChannelKind::Unix,
                    first ? ChannelSide::Master : ChannelSide::Slave,
                    holder.process,
                    holder.fd});
  }
}

}  // namespace

std::vector<ChannelEnd> find_channels(const schema::Snapshot& snapshot,
                                      std::span<const std::optional<SocketIndex>> peers) {
  Numbers numbers;
  std::vector<ChannelEnd> ends;
  add_descriptors(snapshot, numbers, ends);
  add_unix(snapshot, peers, numbers, ends);
  return ends;
}

std::string_view channel_kind_word(ChannelKind kind) {
  switch (kind) {
    case ChannelKind::Pipe:
      return "pipe";
    case ChannelKind::Fifo:
      return "fifo";
    case ChannelKind::Terminal:
      return "terminal";
    case ChannelKind::Unix:
      break;
  }
  return "unix";
}

std::string_view channel_side_word(ChannelSide side) {
  switch (side) {
    case ChannelSide::Master:
      return "master";
    case ChannelSide::Slave:
      return "slave";
    case ChannelSide::Shared:
      break;
  }
  return {};
}

}  // namespace sockwitness::query
