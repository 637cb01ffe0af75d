#include "schema/program/standard_streams.h"

#include <fcntl.h>
#include <unistd.h>

#include <initializer_list>

namespace sockwitness::schema {

void fill_standard_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) >= 0) {
      continue;
    }
    // The lowest free number, and this is it. Inherited by children on purpose.
    [[maybe_unused]] const int opened =
        ::open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY);
  }
}

}  // namespace sockwitness::schema
