#include "query/terminal/sink.h"

#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "schema/base/error.h"

namespace sockwitness::query {

void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(descriptor, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
      continue;
    }
    if (errno == EINTR) {
      continue;
    }
    if (errno == EPIPE) {
      throw BrokenPipe{};
    }
    throw schema::Error(
        schema::ExitCode::Unusable,
        "writing the answer: " + std::generic_category().message(errno),
        "the answer is incomplete; make room, or write it elsewhere, and ask again");
  }
}

}  // namespace sockwitness::query
