#include "recorder/proc/nsfs.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "recorder/os/dir.h"

namespace sockwitness::recorder {

Result<OpenNetns> adopt_netns(UniqueFd descriptor) {
  struct stat status {};
  if (::fstat(descriptor.get(), &status) != 0) {
    return last_error("looking at", "namespace");
  }
  const int type = ::ioctl(descriptor.get(), NS_GET_NSTYPE);
  if (type < 0 && errno != ENOTTY) {  // ENOTTY: a file of another kind
    return last_error("asking", "namespace");
  }
  if (type != CLONE_NEWNET) {
    return SysError{EINVAL, "opening", "namespace"};
  }
  return OpenNetns{std::make_shared<const UniqueFd>(std::move(descriptor)),
                   schema::Inode(status.st_ino)};
}

Result<OpenNetns> open_netns_at(int directory, const char* path) {
  auto opened = open_at(directory, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!opened) {
    return opened.error();
  }
  return adopt_netns(std::move(opened.value()));
}

}  // namespace sockwitness::recorder
