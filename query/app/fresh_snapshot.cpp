#include "query/app/fresh_snapshot.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <unordered_set>

#include <fmt/format.h>

#include "schema/base/error.h"
#include "schema/model/same_boot.h"
#include "schema/model/snapshot.h"
#include "schema/program/held_signals.h"
#include "schema/program/leftover.h"
#include "schema/view/replaced_ports.h"
#include "schema/view/services.h"

namespace sockwitness::query {
namespace {

namespace fs = std::filesystem;

using schema::Error;
using schema::ExitCode;

std::string find_recorder() {
  std::error_code failure;
  const fs::path self = fs::read_symlink("/proc/self/exe", failure);
  const fs::path beside = self.parent_path() / "sockwitness-recorder";
  if (failure || ::access(beside.c_str(), X_OK) != 0) {
    throw Error(ExitCode::Unusable,
                fmt::format("recording now: no program '{}'", beside.native()),
                "both programs belong into one directory; without --now the latest snapshot is "
                "compared");
  }
  return beside.native();
}

// Readable by nobody else; gone with the object.
class PrivateDirectory {
 public:
  PrivateDirectory() {
    const char* place = std::getenv("TMPDIR");  // NOLINT(concurrency-mt-unsafe): one thread
    const bool named = place != nullptr && *place != '\0';
    path_ = fmt::format("{}/sockwitness-now-XXXXXX", named ? place : "/tmp");
    if (::mkdtemp(path_.data()) == nullptr) {
      throw Error(
          ExitCode::Unusable,
          fmt::format(
              "making a directory like '{}': {}", path_, std::generic_category().message(errno)),
          "name another place with TMPDIR");
    }
    static_cast<void>(leftover_.remember(path_));
  }
  ~PrivateDirectory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  PrivateDirectory(const PrivateDirectory&) = delete;
  PrivateDirectory& operator=(const PrivateDirectory&) = delete;

  [[nodiscard]] std::string file(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_;
  schema::Leftover leftover_;
};

// Its messages go to our standard error, as if they were ours.
int run_recorder(const std::string& program, const std::string& database, const sigset_t& mask) {
  std::string name = "sockwitness-recorder";
  std::string command = "snapshot";
  std::string quiet = "--quiet";
  std::string option = "--db";
  std::string path = database;
  const std::array<char*, 6> arguments{
      name.data(), command.data(), quiet.data(), option.data(), path.data(), nullptr};
  posix_spawnattr_t attributes{};
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setsigmask(&attributes, &mask);
  pid_t child = 0;
  const int failure =
      posix_spawn(&child, program.c_str(), nullptr, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  if (failure != 0) {
    throw Error(
        ExitCode::Unusable,
        fmt::format("starting '{}': {}", program, std::generic_category().message(failure)));
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

OpenedHistory take_fresh_snapshot() {
  const std::string recorder = find_recorder();
  const schema::HeldSignals held;  // until the directory is gone
  const PrivateDirectory directory;
  const std::string database = directory.file("now.db");
  if (run_recorder(recorder, database, held.before()) != 0) {
    throw Error(ExitCode::Unusable,
                fmt::format("recording now: '{}' failed", recorder),
                "its message is above; without --now the latest snapshot is compared");
  }
  // The open file outlives its name.
  return read_contents(History::open(database));
}

schema::ServiceSet services_now(OpenedHistory& fresh, OpenedHistory& recorded) {
  const schema::Snapshot now = fresh.history.load(fresh.last());
  const schema::Snapshot before = recorded.history.load(recorded.last());
  std::vector<schema::Persistence> stays(now.sockets.size(), schema::Persistence::Unknown);
  if (schema::is_same_boot(before, now)) {
    std::unordered_set<schema::SocketCookie> known;
    for (const schema::Socket& socket : before.sockets) {
      known.insert(socket.cookie);
    }
    for (std::size_t at = 0; at < stays.size(); ++at) {
      // Without a cookie its identity is not known.
      if (now.sockets[at].cookie != schema::SocketCookie()) {
        stays[at] = known.contains(now.sockets[at].cookie) ? schema::Persistence::Lasting
                                                           : schema::Persistence::Passing;
      }
    }
  }
  schema::ServiceSet set = schema::collect_services(schema::SnapshotView(now), stays);
  schema::promote_replaced_ports(set, recorded.history.services(recorded.last(), false));
  return set;
}

}  // namespace sockwitness::query
