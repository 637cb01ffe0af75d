#include "recorder/app/live_host.h"

#include <fcntl.h>

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "recorder/containers/container_reader.h"
#include "recorder/observe/clock.h"
#include "recorder/os/dir.h"
#include "recorder/rpc/rpcbind.h"
#include "schema/base/error.h"

namespace sockwitness::recorder {
namespace {

std::vector<schema::RpcRegistration> ask_rpcbind(std::vector<schema::Gap>& gaps) {
  auto registrations = read_registrations(kRpcbindSocket);
  if (registrations) {
    return std::move(registrations.value());
  }
  const int number = registrations.error().number;
  const schema::GapReason reason = number == ETIMEDOUT ? schema::GapReason::TimedOut
                                   : number == EACCES || number == EPERM
                                       ? schema::GapReason::Permission
                                   : number == EFBIG ? schema::GapReason::TooMany
                                                     : schema::GapReason::Failed;
  gaps.push_back({.source = schema::GapSource::Registrations,
                  .reason = reason,
                  .netns = std::nullopt,
                  .pid = std::nullopt,
                  .object = schema::GapPart::Rpcbind,
                  .error_number = number});
  return {};
}

std::shared_ptr<const MountTable> read_mount_table(int proc) {
  std::string text;
  static_cast<void>(read_file_at(proc, "self/mountinfo", text).ok());
  return std::make_shared<const MountTable>(text);
}

// Where everything lies that a HostSource reads.
bool has_local_files(const MountTable& mounts) {
  const auto names = {"/etc/machine-id",
                      "/etc/ld.so.preload",
                      "/etc/passwd",
                      "/etc/group",
                      "/var/lib/dbus/machine-id",
                      "/var/lib/dpkg/status"};
  return std::all_of(
      names.begin(), names.end(), [&](const char* name) { return mounts.is_local(name); });
}

// Holds the roots as long as anybody uses it.
std::shared_ptr<HostSource> make_host_source(std::shared_ptr<const HostRoots> roots) {
  struct Held {
    explicit Held(std::shared_ptr<const HostRoots> held)
        : roots(std::move(held)),
          containers(roots->host.get()),
          source(*roots, ask_rpcbind, [this](const ContainerQuestion& question) {
            return containers.read(question);
          }) {}
    std::shared_ptr<const HostRoots> roots;
    ContainerReader containers;
    ProcHostSource source;
  };
  const auto held = std::make_shared<Held>(std::move(roots));
  return {held, &held->source};
}

}  // namespace

schema::ClockReading SystemClock::now() {
  return read_clocks();
}

std::shared_ptr<LiveHost> LiveHost::open(std::shared_ptr<Hangs> hangs, bool helper) {
  auto roots = open_roots("/proc", "/");
  if (!roots) {
    throw schema::Error(
        schema::ExitCode::Unusable,
        fmt::format(
            "opening '{}': {}",
            roots.error().object,
            std::strerror(roots.error().number)),  // NOLINT(concurrency-mt-unsafe): one thread
        "the recorder needs the process file system at /proc");
  }
  return std::shared_ptr<LiveHost>(
      new LiveHost(std::move(roots.value()), std::move(hangs), helper));
}

LiveHost::LiveHost(HostRoots roots, std::shared_ptr<Hangs> hangs, bool helper)
    : roots_(std::make_shared<const HostRoots>(std::move(roots))),
      hangs_(std::move(hangs)),
      mounts_(read_mount_table(roots_->proc.get())),
      helper_(helper),
      namespaces_(*roots_, hangs_, mounts_) {
  HostRoots only_proc;
  only_proc.proc = UniqueFd(::fcntl(roots_->proc.get(), F_DUPFD_CLOEXEC, 0));
  host_.emplace(make_host_source(roots_),
                make_host_source(std::make_shared<const HostRoots>(std::move(only_proc))),
                hangs_,
                has_local_files(*mounts_));
  if (const auto own = read_identity_at(roots_->host.get(), "", AT_EMPTY_PATH)) {
    hangs_->set_own_root(schema::Device(own.value().device));
  }
}

Sources LiveHost::sources() {
  return {sockets_, namespaces_, *host_, clock_};
}

std::shared_ptr<ProcessSource> LiveHost::make_processes(const KnownPrograms& known,
                                                        std::shared_ptr<const Mask> mask) {
  InspectorOptions options;
  options.hangs = hangs_.get();
  inspector_.emplace(known, options);
  processes_.emplace(*roots_, *inspector_, ProcView{hangs_, mounts_, helper_, std::move(mask)});
  return {shared_from_this(), &*processes_};
}

void LiveHost::note_package_hangs() {
  if (inspector_) {
    for (Hang& hang : inspector_->list_readers()) {
      hangs_->add(std::move(hang));
    }
  }
}

}  // namespace sockwitness::recorder
