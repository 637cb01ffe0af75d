#include "recorder/app/reachable.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdint>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "recorder/os/dir.h"
#include "recorder/os/helper_process.h"
#include "recorder/proc/mount_table.h"
#include "recorder/proc/stat.h"
#include "schema/base/error.h"
#include "schema/base/escape.h"

namespace sockwitness::recorder {
namespace {

std::string make_absolute(const std::string& path) {
  if (path.starts_with('/')) {
    return path;
  }
  std::string folder(PATH_MAX, '\0');
  if (::getcwd(folder.data(), folder.size()) == nullptr) {
    return path;
  }
  folder.resize(folder.find('\0'));
  return folder + "/" + path;
}

// What the recorder opens beside the database, and might wait for as well.
constexpr std::array kBeside = {"", ".lock", "-journal"};

// A link, or the folder above, may lead anywhere: where it leads is not asked here. Nothing is
// asked of a file system that may not answer.
bool leads_straight(const MountTable& mounts, const std::string& path) {
  for (std::size_t begin = 1; begin < path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string prefix = path.substr(0, end);
    if (path.substr(begin, end - begin) == ".." || !mounts.is_local(prefix)) {
      return false;
    }
    if (char target = 0; ::readlink(prefix.c_str(), &target, 1) >= 0) {
      return false;
    }
    begin = end + 1;
  }
  return true;
}

bool is_local(const std::string& path) {
  std::string text;
  if (!read_file_at(AT_FDCWD, "/proc/self/mountinfo", text)) {
    return false;
  }
  const MountTable mounts(text);
  return leads_straight(mounts, path) &&
         std::all_of(kBeside.begin(), kBeside.end(), [&](const char* suffix) {
           return mounts.is_local(path + suffix);
         });
}

// The name of a process that waits for this path; it is how later runs find it, who cannot have a
// note beside the database. FNV-1a.
std::string name_of(std::string_view path) {
  std::uint32_t hash = 2166136261U;
  for (const char byte : path) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 16777619U;
  }
  return fmt::format("sockwit-{:07x}", hash & 0xFFFFFFFU);  // as long as such a name may be
}

bool waits(int proc, std::int32_t pid, std::string_view name) {
  const std::string folder = std::to_string(pid);
  std::string text;
  if (!read_file_at(proc, (folder + "/stat").c_str(), text)) {
    return false;
  }
  const auto line = parse_stat(text);
  if (!line || line->name != name || line->dead()) {
    return false;
  }
  const auto owner = stat_at(proc, folder.c_str());
  return owner && owner.value().st_uid == ::geteuid();  // nobody else can keep us from recording
}

bool somebody_waits(const std::string& name) {
  const auto proc = open_at(AT_FDCWD, "/proc", O_RDONLY | O_DIRECTORY);
  const auto pids =
      proc ? list_numbers(proc.value().get()) : Result<std::vector<std::int32_t>>(proc.error());
  return pids && std::any_of(pids.value().begin(), pids.value().end(), [&](std::int32_t pid) {
           return waits(proc.value().get(), pid, name);
         });
}

schema::Error no_answer(const std::string& path, std::string_view since) {
  return {schema::ExitCode::Unusable,
          fmt::format("opening database '{}': its file system does not answer{}", path, since),
          "nothing was recorded; choose another place with --db, or look at: mount"};
}

}  // namespace

void refuse_unreachable(const std::string& database, std::chrono::milliseconds patience) {
  const std::string path = make_absolute(database);
  if (is_local(path)) {
    return;
  }
  const std::string name = name_of(path);
  if (somebody_waits(name)) {
    throw no_answer(database, ", and an earlier run still waits for it");
  }
  const HelperProcess asking([path, name](HelperProcess::Desk&) {
    ::prctl(PR_SET_NAME, name.c_str());
    for (const char* suffix : kBeside) {
      struct stat status {};
      [[maybe_unused]] const int found = ::stat((path + suffix).c_str(), &status);
    }
  });
  if (asking.wait(patience) != HelperProcess::State::Done) {
    throw no_answer(database, "");
  }
}

}  // namespace sockwitness::recorder
