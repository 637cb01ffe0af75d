#include "query/rules/origins.h"

#include "query/rules/path_words.h"

namespace sockwitness::query {
namespace {

using schema::Pid;
using schema::Process;

constexpr Pid kInit{1};

bool is_service_manager(const schema::SnapshotView& view, const Process& process) {
  const schema::Program* program = view.program(process);
  return process.name == "systemd" || (program != nullptr && base_name(program->path) == "systemd");
}

}  // namespace

Origins::Origins(const schema::SnapshotView& view) {
  bool managed = false;
  for (const Process& process : view.snapshot().processes) {
    if (process.pid == kInit) {
      managed = is_service_manager(view, process);
      host_mounts_ = process.mount_namespace;
      host_container_ = process.container;
    }
  }
  for (const Process& process : view.snapshot().processes) {
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
  return own_mounts || process.container == host_container_ ? std::string_view(process.container)
                                                            : std::string_view();
}

std::string_view Origins::word(const Process& process) const {
  if (process.kernel_thread) {
    return "kernel";
  }
  if (!container(process).empty()) {
    return "container";
  }
  if (process.cgroup.starts_with("/user.slice")) {
    return "session";
  }
  return units_.contains(process.unit) ? "unit" : std::string_view();
}

}  // namespace sockwitness::query
