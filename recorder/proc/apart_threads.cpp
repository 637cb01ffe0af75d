#include "recorder/proc/apart_threads.h"

#include <fcntl.h>
#include <linux/kcmp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "recorder/os/dir.h"
#include "recorder/proc/descriptors.h"
#include "recorder/proc/link_text.h"

namespace sockwitness::recorder {
namespace {

// A kernel without kcmp, or without the right to it, leaves them together: what is then missed is
// only who holds a socket, and the socket says that nobody was seen to.
bool shares_descriptors(schema::Pid process, schema::Pid thread) {
  return ::syscall(SYS_kcmp, process.value(), thread.value(), KCMP_FILES, 0, 0) <= 0;
}

// A table that was split off began as a copy.
template <class Entry>
void add_new(std::vector<Entry>& known, const std::vector<Entry>& more) {
  for (const Entry& entry : more) {
    if (std::find(known.begin(), known.end(), entry) == known.end()) {
      known.push_back(entry);
    }
  }
}

}  // namespace

std::optional<SysError> add_apart_threads(int process_directory, ProcessReading& reading) {
  const auto tasks = open_at(process_directory, "task", O_RDONLY | O_DIRECTORY);
  if (!tasks) {
    return tasks.error();
  }
  const auto numbers = list_numbers(tasks.value().get());
  if (!numbers) {
    return numbers.error();
  }
  const schema::Pid pid = reading.process.pid;
  for (const auto number : numbers.value()) {
    const schema::Pid thread(number);
    if (thread == pid) {
      continue;
    }
    const std::string name = std::to_string(number);
    const auto link = read_link_at(tasks.value().get(), (name + "/ns/net").c_str());
    const auto inode = link ? parse_object_link(link.value(), "net") : std::nullopt;
    if (inode && reading.netns != schema::Inode() && schema::Inode(*inode) != reading.netns) {
      reading.netns_threads.emplace_back(thread, *inode);
    }
    if (!shares_descriptors(pid, thread)) {
      const auto directory = open_at(tasks.value().get(), name.c_str(), O_PATH | O_DIRECTORY);
      const auto table = directory ? read_descriptors(directory.value().get())
                                   : Result<DescriptorReading>(directory.error());
      if (table) {
        add_new(reading.sockets, table.value().sockets);
        add_new(reading.netns_descriptors, table.value().namespaces);
      }
    }
  }
  return std::nullopt;
}

}  // namespace sockwitness::recorder
