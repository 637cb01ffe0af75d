#include "tests/live/blind/faults.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <utility>

namespace sockwitness::test {
namespace {

struct Position {
  int first;
  int last;
};

std::vector<Position> positions_of(int times) {
  std::vector<Position> positions = {{1, INT_MAX}};
  if (times > 1) {
    positions.push_back({1, 1});
    positions.push_back({2, 2});
  }
  if (times > 2) {
    positions.push_back({times, times});
  }
  return positions;
}

bool is_netlink(const Call& call) {
  return call.path.starts_with("diag:") || call.path == "netlink";
}

void add_errors(const Call& call,
                int times,
                std::initializer_list<int> numbers,
                std::vector<Fault>& faults) {
  for (const Position& position : positions_of(times)) {
    for (const int number : numbers) {
      faults.push_back({call, FaultKind::Error, number, position.first, position.last});
    }
  }
}

void add_netlink(const Call& call, int times, std::vector<Fault>& faults) {
  if (call.name != "recvmsg") {
    add_errors(call, times, {EPERM, EIO, ENOMEM, EMFILE, ENOENT, EPROTONOSUPPORT}, faults);
    return;
  }
  add_errors(call, times, {EIO, ENOBUFS, ENOMEM, EAGAIN, EPERM}, faults);
  for (const Position& position : positions_of(times)) {
    for (const int number : {ENOENT, EPERM, EIO, EINVAL, EOPNOTSUPP, ENOMEM, EINTR, ENODEV}) {
      faults.push_back({call, FaultKind::Refused, number, position.first, position.last});
      faults.push_back({call, FaultKind::BadEnd, number, position.first, position.last});
    }
    for (const FaultKind kind : {FaultKind::Interrupted, FaultKind::Half, FaultKind::Garbage}) {
      faults.push_back({call, kind, 0, position.first, position.last});
    }
  }
}

bool starts_with_any(const std::string& path, std::initializer_list<const char*> starts) {
  return std::any_of(
      starts.begin(), starts.end(), [&](const char* start) { return path.starts_with(start); });
}

bool ends_with_any(const std::string& path, std::initializer_list<const char*> ends) {
  return std::any_of(
      ends.begin(), ends.end(), [&](const char* end) { return path.ends_with(end); });
}

// Bytes of the host's own choice: any others would be as good.
bool is_free_text(const std::string& path) {
  return ends_with_any(path, {"/cmdline", "/environ", "/exe", "ld.so.preload", "/cgroup.procs"}) ||
         starts_with_any(path, {"/srv/", "/usr/", "/opt/sockwitness/"});
}

// A number, or a list of lines, that is as good when its end is missing.
bool may_be_short(const std::string& path) {
  return ends_with_any(path, {"/loginuid", "/etc/passwd", "/etc/group", "port_start"});
}

// That it is not there is an answer: it need not be, and no listing has just named it.
bool may_be_absent(const std::string& path) {
  const bool of_process =
      path.starts_with("/proc/") && path.size() > 6 && path[6] >= '0' && path[6] <= '9';
  return !of_process &&
         !starts_with_any(
             path,
             {"/proc/self", "/proc/thread-self", "/run/netns/", "diag", "/proc/sys/kernel"}) &&
         path != "/proc" && path != "/" && !path.ends_with(".list") && path != "process";
}

std::string without_numbers(const std::string& text) {
  std::string plain;
  for (const char letter : text) {
    const bool digit = letter >= '0' && letter <= '9';
    if (!digit) {
      plain += letter;
    } else if (!plain.ends_with('N')) {
      plain += 'N';
    }
  }
  return plain;
}

}  // namespace

std::string fault_class(const Fault& fault) {
  const std::string& path = fault.call.path;
  const bool numbered =
      path.starts_with("/proc/") && path.size() > 6 && path[6] >= '0' && path[6] <= '9';
  return fault.call.name + " " + (numbered ? without_numbers(path) : path);
}

namespace {

// The first of every call and way to fail come first, then the second of each, and so on.
void spread(std::vector<Fault>& faults) {
  const std::hash<std::string> hash;
  using Rank = std::pair<int, std::size_t>;
  std::vector<std::pair<Rank, Fault>> ranked;
  std::map<std::string, int> known;
  std::stable_sort(faults.begin(), faults.end(), [&](const Fault& left, const Fault& right) {
    return hash(fault_words(left)) < hash(fault_words(right));
  });
  for (Fault& fault : faults) {
    const std::string name = fault_class(fault) + std::to_string(static_cast<int>(fault.kind));
    ranked.push_back({{known[name]++, hash(fault_words(fault))}, std::move(fault)});
  }
  std::stable_sort(ranked.begin(), ranked.end(), [](const auto& left, const auto& right) {
    return left.first < right.first;
  });
  faults.clear();
  for (auto& [rank, fault] : ranked) {
    faults.push_back(std::move(fault));
  }
}

}  // namespace

std::vector<Fault> list_faults(const std::map<Call, int>& calls) {
  std::vector<Fault> faults;
  for (const auto& [call, times] : calls) {
    if (is_netlink(call)) {
      add_netlink(call, times, faults);
      continue;
    }
    add_errors(call, times, {EACCES, EPERM, EIO, ESRCH, EMFILE, ENOMEM}, faults);
    if (!may_be_absent(call.path)) {
      add_errors(call, times, {ENOENT}, faults);
    }
    faults.push_back({call, FaultKind::Error, EINTR, 1, 1});
    if (call.name == "read" && !is_free_text(call.path)) {
      for (const FaultKind kind : {FaultKind::Empty, FaultKind::Half, FaultKind::Garbage}) {
        if (kind != FaultKind::Half || !may_be_short(call.path)) {
          faults.push_back({call, kind, 0, 1, INT_MAX});
        }
      }
    }
    if (call.name == "readlinkat" && call.path.starts_with("/proc/")) {
      faults.push_back({call, FaultKind::Garbage, 0, 1, INT_MAX});
    }
    if (call.name == "getdents" && call.path == "/proc") {
      faults.push_back({call, FaultKind::Empty, 0, 1, INT_MAX});
    }
  }
  spread(faults);
  return faults;
}

std::string fault_words(const Fault& fault) {
  std::string words = fault.call.name + " " + fault.call.path;
  switch (fault.kind) {
    case FaultKind::Error:
      words += std::string(" fails with ") + strerrorname_np(fault.error_number);
      break;
    case FaultKind::Empty:
      words += " gives nothing";
      break;
    case FaultKind::Half:
      words += " gives half";
      break;
    case FaultKind::Garbage:
      words += " gives garbage";
      break;
    case FaultKind::Interrupted:
      words += " is interrupted";
      break;
    case FaultKind::Refused:
      words += std::string(" brings an error message ") + strerrorname_np(fault.error_number);
      break;
    case FaultKind::BadEnd:
      words += std::string(" ends with ") + strerrorname_np(fault.error_number);
      break;
  }
  if (fault.first != 1 || fault.last != INT_MAX) {
    words += ", call " + std::to_string(fault.first) +
             (fault.last == INT_MAX       ? " and later"
              : fault.last == fault.first ? ""
                                          : " to " + std::to_string(fault.last));
  }
  return words;
}

}  // namespace sockwitness::test
