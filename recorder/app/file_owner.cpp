#include "recorder/app/file_owner.h"

#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <system_error>

#include <fmt/format.h>

#include "recorder/app/reachable.h"
#include "schema/base/error.h"
#include "schema/disk/new_file.h"

namespace sockwitness::recorder {
namespace {

// Below it are users of the system, that nobody logs in as: login.defs(5), UID_MIN.
constexpr uid_t kFirstLogin = 1000;
constexpr gid_t kNoGroup = 65534;

// What README names under "Rights": to see other users' processes and networks.
constexpr std::uint64_t kLooking = (1ULL << CAP_SYS_PTRACE) | (1ULL << CAP_DAC_READ_SEARCH) |
                                   (1ULL << CAP_SYS_ADMIN) | (1ULL << CAP_NET_ADMIN);

struct Owner {
  uid_t user = 0;
  gid_t group = 0;
};

bool is_written_to_by(const struct stat& status, uid_t user) {
  return status.st_uid == user && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

// Whose the place is, if it is wholly one other user's.
std::optional<Owner> find_owner(const std::string& database_path) {
  struct stat folder {};
  if (::stat(schema::folder_of(database_path).c_str(), &folder) != 0 ||
      !is_written_to_by(folder, folder.st_uid) || folder.st_uid == 0) {
    return std::nullopt;
  }
  struct stat file {};
  if (::lstat(database_path.c_str(), &file) == 0) {
    if (!S_ISREG(file.st_mode) || file.st_nlink != 1 || !is_written_to_by(file, folder.st_uid)) {
      return std::nullopt;
    }
  } else if (errno != ENOENT) {
    return std::nullopt;
  }
  return Owner{folder.st_uid, folder.st_gid == 0 ? kNoGroup : folder.st_gid};
}

void require(bool done, const std::string& database_path) {
  if (!done) {
    throw schema::Error(schema::ExitCode::Unusable,
                        fmt::format("going on as the owner of '{}': {}",
                                    database_path,
                                    std::generic_category().message(errno)),
                        "record as that user, or choose another place with --db");
  }
}

// Of the capabilities that there are, these.
bool keep_capabilities(std::uint64_t wanted) {
  __user_cap_header_struct head{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
  if (::syscall(SYS_capget, &head, sets.data()) != 0) {
    return false;
  }
  for (std::size_t half = 0; half < sets.size(); ++half) {
    sets.at(half).permitted &= static_cast<std::uint32_t>(wanted >> (32 * half));
    sets.at(half).effective = sets.at(half).permitted;
    sets.at(half).inheritable = 0;
  }
  return ::syscall(SYS_capset, &head, sets.data()) == 0;
}

}  // namespace

void become_owner(const std::string& database_path, RightsToKeep rights) {
  if (::geteuid() != 0) {
    return;
  }
  refuse_unreachable(database_path);
  const auto owner = find_owner(database_path);
  const bool looks = rights == RightsToKeep::Looking;
  if (!owner || (looks && owner->user >= kFirstLogin) || ::setgroups(0, nullptr) != 0) {
    return;
  }
  require(::prctl(PR_SET_KEEPCAPS, looks ? 1 : 0) == 0 &&
              ::setresgid(owner->group, owner->group, owner->group) == 0 &&
              ::setresuid(owner->user, owner->user, owner->user) == 0 &&
              keep_capabilities(looks ? kLooking : 0) && ::prctl(PR_SET_KEEPCAPS, 0) == 0,
          database_path);
  if (looks) {
    // As after a start by systemd: later runs know a process that was left behind by its owner. Who
    // lacks these rights can still not trace it.
    require(::prctl(PR_SET_DUMPABLE, 1) == 0, database_path);
  }
}

}  // namespace sockwitness::recorder
