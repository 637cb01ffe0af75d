#include <algorithm>
#include <unordered_set>

#include <SQLiteCpp/SQLiteCpp.h>

#include "query/rules/expected_owners.h"
#include "query/rules/holdings.h"
#include "query/rules/served_finder.h"
#include "query/rules/stage_parts.h"
#include "query/rules/table_writer.h"
#include "schema/model/snapshot.h"

namespace sockwitness::query {
namespace {

using schema::Holder;
using schema::ProcessIndex;
using schema::SocketIndex;

constexpr schema::Fd kLastStandard{2};

// Which of the holders of one socket have an ancestor that holds it, too: it came with the fork.
class Inheritance {
 public:
  Inheritance(const HostFacts& facts,
              const schema::SnapshotView& view,
              std::span<const Holder> holders)
      : facts_(facts), view_(view) {
    for (const Holder& holder : holders) {
      processes_.insert(holder.process);
    }
  }

  // Nothing: no ancestor is seen to hold it, and one could not be read.
  [[nodiscard]] std::optional<bool> inherited(ProcessIndex process) const {
    const auto ancestors = facts_.ancestors(process);
    const bool seen = std::any_of(ancestors.begin(), ancestors.end(), [&](ProcessIndex ancestor) {
      return processes_.contains(ancestor);
    });
    const bool unread = std::any_of(ancestors.begin(), ancestors.end(), [&](ProcessIndex ancestor) {
      return view_.process(ancestor).unread.contains(schema::Part::Descriptors);
    });
    const ProcessIndex oldest = ancestors.empty() ? process : ancestors.back();
    return seen || !(unread || has_hidden_parent(view_, facts_, oldest)) ? std::optional(seen)
                                                                         : std::nullopt;
  }

 private:
  const HostFacts& facts_;
  const schema::SnapshotView& view_;
  std::unordered_set<ProcessIndex> processes_;
};

}  // namespace

void stage_holders(SQLite::Database& database, const StageInput& input, const HostFacts& facts) {
  TableWriter row(database, "holders");
  TableWriter standard_row(database, "standard_fds");
  const auto add_standard = [&](ProcessIndex process,
                                schema::Fd fd,
                                std::string_view kind,
                                std::string_view target,
                                std::optional<SocketIndex> socket) {
    if (fd > kLastStandard) {
      return;
    }
    standard_row.number("process", process.value())
        .number("fd", fd.value())
        .text("kind", kind)
        .number("socket", socket ? std::optional<std::int64_t>(socket->value()) : std::nullopt)
        .text("target", target)
        .end_row();
  };
  const ServedFinder served(input.host, facts);
  const schema::SnapshotView& view = input.host.view();
  const auto expected = input.baseline == nullptr
                            ? std::nullopt
                            : std::optional(ExpectedOwners(view, *input.baseline));
  const auto sockets = static_cast<std::uint32_t>(view.snapshot().sockets.size());
  for (std::uint32_t at = 0; at < sockets; ++at) {
    const auto holders = view.holders(SocketIndex(at));
    const Inheritance inheritance(facts, view, holders);
    for (const Holder& holder : holders) {
      row.number("socket", at)
          .number("process", holder.process.value())
          .number("fd", holder.fd.value())
          .flag("inherited", inheritance.inherited(holder.process))
          .flag("served", served.is_served(holder))
          .flag("handed", served.is_handed(holder))
          .flag("expected",
                expected && offers_service(view.socket(holder.socket))
                    ? std::optional(expected->expects(holder))
                    : std::nullopt)
          .end_row();
      add_standard(holder.process, holder.fd, "socket", {}, holder.socket);
    }
  }
  TableWriter descriptor_row(database, "descriptors");
  for (const schema::Descriptor& descriptor : view.snapshot().descriptors) {
    const std::string_view kind = schema::descriptor_kind_word(descriptor.kind);
    descriptor_row.number("process", descriptor.process.value())
        .number("fd", descriptor.fd.value())
        .text("kind", kind)
        .bits("device", descriptor.device.value())
        .bits("inode", descriptor.inode.value())
        .number("number", descriptor.number)
        .text("target", descriptor.target)
        .end_row();
    add_standard(descriptor.process, descriptor.fd, kind, descriptor.target, std::nullopt);
  }
}

void stage_channels(SQLite::Database& database, std::span<const ChannelEnd> ends) {
  TableWriter row(database, "channels");
  for (const ChannelEnd& end : ends) {
    row.number("process", end.process.value())
        .number("fd", end.fd.value())
        .number("channel", end.channel)
        .text("kind", channel_kind_word(end.kind))
        .text("side", channel_side_word(end.side))
        .end_row();
  }
}

}  // namespace sockwitness::query
