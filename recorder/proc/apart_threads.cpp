#include "recorder/proc/apart_threads.h"

#include <fcntl.h>
#include <linux/kcmp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>

#include "recorder/os/dir.h"
#include "recorder/proc/link_text.h"

namespace sockwitness::recorder {
namespace {

// A kernel without kcmp, or without the right to it, leaves them together: what is then missed is
// only who holds a socket, and the socket says that nobody was seen to.
bool shares_descriptors(schema::Pid process, schema::Pid thread) {
  return ::syscall(SYS_kcmp, process.value(), thread.value(), KCMP_FILES, 0, 0) <= 0;
}

}  // namespace

Result<ApartThreads> read_apart_threads(int process_directory,
                                        schema::Pid pid,
                                        schema::Inode netns) {
  const auto tasks = open_at(process_directory, "task", O_RDONLY | O_DIRECTORY);
  if (!tasks) {
    return tasks.error();
  }
  const auto numbers = list_numbers(tasks.value().get());
  if (!numbers) {
    return numbers.error();
  }
  ApartThreads apart;
  for (const auto number : numbers.value()) {
    const schema::Pid thread(number);
    if (thread == pid) {
      continue;
    }
    const std::string name = std::to_string(number);
    const auto link = read_link_at(tasks.value().get(), (name + "/ns/net").c_str());
    const auto inode = link ? parse_object_link(link.value(), "net") : std::nullopt;
    if (inode && netns != schema::Inode() && schema::Inode(*inode) != netns) {
      apart.namespaces.emplace_back(thread, *inode);
    }
    if (!shares_descriptors(pid, thread)) {
      const auto directory = open_at(tasks.value().get(), name.c_str(), O_PATH | O_DIRECTORY);
      auto table = directory ? read_descriptors(directory.value().get())
                             : Result<DescriptorReading>(directory.error());
      if (table) {
        apart.tables.push_back(std::move(table.value()));
      }
    }
  }
  return apart;
}

}  // namespace sockwitness::recorder
