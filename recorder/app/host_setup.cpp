#include "recorder/app/host_setup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include "recorder/app/say.h"
#include "recorder/os/unique_fd.h"
#include "recorder/proc/accounts.h"
#include "schema/base/error.h"
#include "schema/base/escape.h"
#include "schema/disk/new_file.h"
#include "schema/program/shell_word.h"

namespace sockwitness::recorder {
namespace {

constexpr const char* kUser = "sockwitness";
constexpr const char* kFolder = "/var/lib/sockwitness";
constexpr const char* kCronFolder = "/etc/cron.d";
constexpr const char* kCronFile = "/etc/cron.d/sockwitness";
constexpr const char* kTimer = "sockwitness-recorder.timer";
constexpr const char* kWants = "/etc/systemd/system/timers.target.wants";
// Where systemd looks for units, in its order.
constexpr std::array kUnitFolders = {"/etc/systemd/system",
                                     "/usr/local/lib/systemd/system",
                                     "/usr/lib/systemd/system",
                                     "/lib/systemd/system"};
// Settings of the site for the unit, and those that a kernel that translates addresses asks for.
constexpr const char* kSettingsFolder = "/etc/systemd/system/sockwitness-recorder.service.d";
constexpr const char* kNatSettings = "/etc/systemd/system/sockwitness-recorder.service.d/nat.conf";
constexpr const char* kNatModule = "/sys/module/nf_nat";
constexpr std::array kCronDaemons = {"/usr/sbin/cron", "/usr/sbin/crond", "/usr/sbin/fcron"};
constexpr const char* kMark = "# By sockwitness-recorder setup; setup --undo removes it.\n";

bool is_folder(const char* path) {
  struct stat status {};
  return ::stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

bool is_there(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

schema::Error failed(const std::string& doing, const std::string& path) {
  const int number = errno;
  return {schema::ExitCode::Unusable,
          fmt::format("{} '{}': {}", doing, path, std::generic_category().message(number)),
          number == EACCES || number == EPERM ? "run as root" : "look at it, and run it again"};
}

void say(const char* what, const std::string& path, const std::string& how) {
  answer(fmt::format("{:<10} {}  {}\n", what, schema::escape_terminal(path), how));
}

struct Account {
  uid_t user = 0;
  gid_t group = 0;
};

// The user and the group of that name.
std::optional<Account> find_account() {
  const auto users = parse_passwd(read_text("/etc/passwd"));
  const auto groups = parse_group(read_text("/etc/group"));
  const auto user =
      std::find_if(users.begin(), users.end(), [](const auto& one) { return one.name == kUser; });
  const auto group =
      std::find_if(groups.begin(), groups.end(), [](const auto& one) { return one.name == kUser; });
  if (user == users.end() || group == groups.end()) {
    return std::nullopt;
  }
  return Account{user->uid.value(), group->gid.value()};
}

void make_folder(const std::optional<Account>& account, SetupMode mode) {
  const std::string whose = account ? kUser : "root";
  if (is_there(kFolder)) {
    say("folder", kFolder, "is there already");
    return;
  }
  if (mode == SetupMode::Make) {
    if (::mkdir(kFolder, 0700) != 0 ||
        (account && ::chown(kFolder, account->user, account->group) != 0) ||
        ::chmod(kFolder, 0750) != 0 || !schema::sync_folder_of(kFolder)) {
      throw failed("making directory", kFolder);
    }
  }
  say("folder", kFolder, fmt::format("for {}, mode 0750", whose));
}

std::optional<std::string> find_timer() {
  for (const char* folder : kUnitFolders) {
    std::string path = fmt::format("{}/{}", folder, kTimer);
    if (is_there(path)) {
      return path;
    }
  }
  return std::nullopt;
}

std::string wanted_link() {
  return fmt::format("{}/{}", kWants, kTimer);
}

void enable_timer(const std::string& timer, SetupMode mode) {
  const std::string link = wanted_link();
  if (is_there(link)) {
    say("timer", link, "is there already");
    return;
  }
  if (mode == SetupMode::Make) {
    if ((::mkdir(kWants, 0755) != 0 && errno != EEXIST) ||
        ::symlink(timer.c_str(), link.c_str()) != 0) {
      throw failed("enabling", link);
    }
  }
  say("timer", link, "a snapshot every five minutes, from the next boot on; from now on by:");
  answer(fmt::format("           systemctl daemon-reload && systemctl start {}\n", kTimer));
}

std::string own_path() {
  std::string path(PATH_MAX, '\0');
  const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size());
  if (length <= 0) {
    throw failed("reading", "/proc/self/exe");
  }
  path.resize(static_cast<std::size_t>(length));
  return path;
}

// The whole text, or no file.
void write_text(const char* path, const std::string& text) {
  const UniqueFd file(::open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!file.valid() || ::fchmod(file.get(), 0644) != 0 ||
      ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      ::fsync(file.get()) != 0) {
    const auto failure = failed("writing", path);
    if (file.valid()) {
      ::unlink(path);
    }
    throw schema::Error(failure);
  }
}

// Rules that lead ports elsewhere are read with CAP_NET_ADMIN alone. The unit goes without it where
// the kernel has none of them.
void add_nat_rights(SetupMode mode) {
  if (is_there(kNatSettings)) {
    say("rights", kNatSettings, "is there already");
    return;
  }
  if (!is_folder(kNatModule)) {
    return;
  }
  if (mode == SetupMode::Make) {
    if (::mkdir(kSettingsFolder, 0755) != 0 && errno != EEXIST) {
      throw failed("making directory", kSettingsFolder);
    }
    write_text(kNatSettings,
               fmt::format("{}# Ports that NAT rules lead elsewhere are part of what this host "
                           "offers.\n"
                           "[Service]\n"
                           "AmbientCapabilities=CAP_NET_ADMIN\n"
                           "CapabilityBoundingSet=CAP_NET_ADMIN\n",
                           kMark));
  }
  say("rights", kNatSettings, "CAP_NET_ADMIN, since this kernel has NAT rules to read");
}

// One line of cron: a percent sign would end it, and no quotes hide that.
std::string cron_word(const std::string& path) {
  std::string word;
  for (const char letter : schema::shell_word(path)) {
    word += letter == '%' ? "\\%" : std::string(1, letter);
  }
  return word;
}

void write_cron(SetupMode mode) {
  // How long is kept, and who is told, is for the site to say.
  const std::string program = own_path();
  const std::string query = schema::folder_of(program) + "/sockwitness";
  const std::string text = fmt::format(
      "{0}*/5 * * * *  root  {1} snapshot --quiet\n"
      "# What is older goes, as a signed record; everything new is mailed, once:\n"
      "#33 3 * * *   root  {1} prune --keep 400d --quiet\n"
      "#7 * * * *    root  {2} alert\n",
      kMark,
      cron_word(program),
      cron_word(query));
  if (is_there(kCronFile)) {
    say("cron", kCronFile, "is there already");
    return;
  }
  if (mode == SetupMode::Make) {
    write_text(kCronFile, text);
  }
  say("cron", kCronFile, "a snapshot every five minutes, as root");
  if (std::none_of(kCronDaemons.begin(), kCronDaemons.end(), is_there)) {
    answer("           no cron is installed here that would read it\n");
  }
}

// One of the two, so that nothing is recorded twice.
void make_schedule(const std::optional<Account>& account, SetupMode mode) {
  const auto timer = find_timer();
  const bool by_timer = is_folder("/run/systemd/system") && timer && account;
  if (is_there(wanted_link()) || (by_timer && !is_there(kCronFile))) {
    add_nat_rights(mode);
    enable_timer(timer.value_or(kTimer), mode);
  } else if (is_folder(kCronFolder)) {
    write_cron(mode);
  } else {
    answer(
        "schedule   neither systemd nor cron: sockwitness-recorder loop --every 5m records in "
        "the foreground\n");
  }
  if (timer && !account) {
    answer(
        fmt::format("user       {} is not there: the systemd timer needs it; systemd-sysusers "
                    "makes it\n",
                    kUser));
  }
}

void remove(const char* what, const std::string& path, SetupMode mode) {
  if (mode == SetupMode::Make && ::unlink(path.c_str()) != 0) {
    throw failed("removing", path);
  }
  say(what, path, "removed");
}

// Only one of ours. True: it was there.
bool undo_file(const char* what, const char* path, SetupMode mode) {
  if (!is_there(path)) {
    return false;
  }
  if (read_text(path).starts_with(kMark)) {
    remove(what, path, mode);
    return true;
  }
  say(what, path, "is somebody else's: left");
  return false;
}

void undo_timer(SetupMode mode) {
  const std::string link = wanted_link();
  struct stat status {};
  if (::lstat(link.c_str(), &status) != 0) {
    return;
  }
  if (!S_ISLNK(status.st_mode)) {
    say("timer", link, "is no link: left");
    return;
  }
  remove("timer", link, mode);
  answer(fmt::format("           one that runs is ended by: systemctl stop {}\n", kTimer));
}

void undo_folder(SetupMode mode) {
  if (!is_there(kFolder)) {
    return;
  }
  if (mode == SetupMode::DryRun) {
    say("folder", kFolder, "removed if it is empty; what was recorded stays");
  } else if (::rmdir(kFolder) == 0) {
    say("folder", kFolder, "removed: it was empty");
  } else if (errno == ENOTEMPTY || errno == EEXIST) {
    say("folder", kFolder, "left: what was recorded stays");
  } else {
    throw failed("removing", kFolder);
  }
}

}  // namespace

void set_up_host(SetupMode mode) {
  const auto account = find_account();
  make_folder(account, mode);
  make_schedule(account, mode);
}

void undo_host_setup(SetupMode mode) {
  undo_timer(mode);
  if (undo_file("rights", kNatSettings, mode) && mode == SetupMode::Make) {
    ::rmdir(kSettingsFolder);  // the site's own settings stay
  }
  undo_file("cron", kCronFile, mode);
  undo_folder(mode);
}

}  // namespace sockwitness::recorder
