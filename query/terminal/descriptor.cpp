#include "query/terminal/descriptor.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace sockwitness::query {

Descriptor::~Descriptor() {
  if (number_ >= 0) {
    ::close(number_);
  }
}

bool write_whole(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno != EINTR) {
      return false;
    }
    text.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
  }
  return true;
}

std::string reason_of(int error_number) {
  return std::generic_category().message(error_number);
}

}  // namespace sockwitness::query
