#include "recorder/app/live_host.h"

#include <cstring>

#include <fmt/format.h>

#include "recorder/observe/clock.h"
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
  gaps.push_back(
      {schema::GapSource::Registrations, reason, std::nullopt, std::nullopt, "rpcbind", number});
  return {};
}

}  // namespace

schema::ClockReading SystemClock::now() {
  return read_clocks();
}

std::shared_ptr<LiveHost> LiveHost::open() {
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
  return std::shared_ptr<LiveHost>(new LiveHost(std::move(roots.value())));
}

LiveHost::LiveHost(HostRoots roots)
    : roots_(std::move(roots)), namespaces_(roots_), host_(roots_, ask_rpcbind) {
}

Sources LiveHost::sources() {
  return {sockets_, namespaces_, host_, clock_};
}

std::shared_ptr<ProcessSource> LiveHost::make_processes(const KnownPrograms& known) {
  inspector_.emplace(known);
  processes_.emplace(roots_, *inspector_);
  return {shared_from_this(), &*processes_};
}

}  // namespace sockwitness::recorder
