#include "query/rules/origins.h"

#include <algorithm>

#include "query/rules/path_words.h"
#include "schema/model/snapshot.h"

namespace sockwitness::query {
namespace {

using schema::Pid;
using schema::Process;

constexpr Pid kInit{1};
constexpr std::string_view kUnread = "unread";

bool is_service_manager(const schema::SnapshotView& view, const Process& process) {
  const schema::Program* program = view.program(process);
  return process.name == "systemd" || (program != nullptr && base_name(program->path) == "systemd");
}

bool misses_processes(const schema::Snapshot& snapshot) {
  return std::any_of(snapshot.gaps.begin(), snapshot.gaps.end(), [](const schema::Gap& gap) {
    return gap.source == schema::GapSource::Process ||
           (gap.source == schema::GapSource::ProcessList &&
            gap.reason != schema::GapReason::NotSupported);
  });
}

}  // namespace

Origins::Origins(const schema::SnapshotView& view) {
  bool managed = false;
  incomplete_ = misses_processes(view.snapshot());
  for (const Process& process : view.snapshot().processes) {
    if (process.pid == kInit) {
      managed = is_service_manager(view, process);
      host_mounts_ = process.mount_namespace;
      host_container_ = process.container;
    }
  }
  for (const Process& process : view.snapshot().processes) {
    incomplete_ = incomplete_ || process.unread.contains(schema::Part::ControlGroup);
    if (managed && process.unit.ends_with(".service") && process.parent.value_or(kInit) == kInit &&
        !process.login_uid) {
      units_.insert(process.unit);
    }
  }
}

std::string_view Origins::container(const Process& process) const {
  const bool known =
      host_mounts_ != schema::Inode(0) && process.mount_namespace != schema::Inode(0);
  const bool own_mounts = !known || process.mount_namespace != host_mounts_;
  if (own_mounts && process.unread.contains(schema::Part::ControlGroup)) {
    return kUnread;
  }
  return own_mounts || process.container == host_container_ ? std::string_view(process.container)
                                                            : std::string_view();
}

std::string_view Origins::word(const Process& process) const {
  if (process.kernel_thread) {
    return "kernel";
  }
  if (process.unread.contains(schema::Part::ControlGroup)) {
    return kUnread;
  }
  if (!container(process).empty()) {
    return "container";
  }
  if (process.cgroup.starts_with("/user.slice")) {
    return "session";
  }
  if (units_.contains(process.unit)) {
    return "unit";
  }
  return incomplete_ && process.unit.ends_with(".service") ? kUnread : std::string_view();
}

}  // namespace sockwitness::query
