#include "recorder/proc/capabilities.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

namespace sockwitness::recorder {

std::uint64_t read_effective_capabilities() {
  struct __user_cap_header_struct header {};
  header.version = _LINUX_CAPABILITY_VERSION_3;
  std::array<struct __user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> data{};
  if (::syscall(SYS_capget, &header, data.data()) != 0) {
    return 0;
  }
  constexpr unsigned kLowBits = 32;
  return data[0].effective | static_cast<std::uint64_t>(data[1].effective) << kLowBits;
}

}  // namespace sockwitness::recorder
