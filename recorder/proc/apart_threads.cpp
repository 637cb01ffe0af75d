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
#include "recorder/proc/gap_reason.h"
#include "recorder/proc/link_text.h"

namespace sockwitness::recorder {
namespace {

// Where it cannot be told (a kernel without kcmp, or a container's filter), both are read.
bool shares_descriptors(schema::Pid process, schema::Pid thread) {
  return ::syscall(SYS_kcmp, process.value(), thread.value(), KCMP_FILES, 0, 0) == 0;
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

// 0, or why the table of one thread could not be read. A thread that has ended has none.
int add_table(int tasks, const std::string& name, ProcessReading& reading) {
  const auto directory = open_at(tasks, name.c_str(), O_PATH | O_DIRECTORY);
  const auto table = directory ? read_descriptors(directory.value().get())
                               : Result<DescriptorReading>(directory.error());
  if (!table) {
    return means_vanished(table.error().number) ? 0 : table.error().number;
  }
  add_new(reading.sockets, table.value().sockets);
  add_new(reading.netns_descriptors, table.value().namespaces);
  return table.value().incomplete;
}

// Likewise of the namespace that it lives in.
int add_namespace(int tasks, schema::Pid thread, const std::string& name, ProcessReading& reading) {
  const auto link = read_link_at(tasks, (name + "/ns/net").c_str());
  if (!link) {
    return means_vanished(link.error().number) ? 0 : link.error().number;
  }
  const auto inode = parse_object_link(link.value(), "net");
  if (!inode) {
    return EBADMSG;
  }
  if (reading.netns != schema::Inode() && schema::Inode(*inode) != reading.netns) {
    reading.netns_threads.emplace_back(thread, *inode);
  }
  return 0;
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
  std::optional<SysError> failure;
  for (const auto number : numbers.value()) {
    const schema::Pid thread(number);
    if (thread == pid) {
      continue;
    }
    const std::string name = std::to_string(number);
    int failed = add_namespace(tasks.value().get(), thread, name, reading);
    if (!shares_descriptors(pid, thread)) {
      const int unread = add_table(tasks.value().get(), name, reading);
      failed = failed == 0 ? unread : failed;
    }
    if (failed != 0 && !failure) {
      failure = SysError{failed, "reading", "thread " + name};
    }
  }
  return failure;
}

}  // namespace sockwitness::recorder
