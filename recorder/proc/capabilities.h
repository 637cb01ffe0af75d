// What the recorder itself may do.
//
// In:    nothing but the calling thread.
// Out:   its effective capabilities.
// Never: changes them.
#pragma once

#include <cstdint>

namespace sockwitness::recorder {

// Bit numbers. Source: include/uapi/linux/capability.h.
inline constexpr unsigned kCapSysPtrace = 19;

// Empty where the kernel refuses to say.
[[nodiscard]] std::uint64_t read_effective_capabilities();

[[nodiscard]] inline bool has_capability(unsigned number) {
  return (read_effective_capabilities() >> number & 1U) != 0;
}

}  // namespace sockwitness::recorder
