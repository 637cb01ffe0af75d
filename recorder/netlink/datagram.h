// Questions to the kernel by netlink, and its answers, one datagram at a time.
//
// In:    a protocol of netlink; bytes of a question; a buffer for the answer.
// Out:   a socket with time limits; what the kernel sent.
// Never: waits for ever, or believes anyone but the kernel.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "recorder/os/result.h"
#include "recorder/os/unique_fd.h"

namespace sockwitness::recorder {

// `object` names it in errors. The buffer is made large enough for any datagram of a dump.
[[nodiscard]] Result<UniqueFd> open_netlink(int protocol,
                                            const char* object,
                                            std::vector<std::byte>& buffer);

// The errno that it failed with; 0: sent.
[[nodiscard]] int send_to_kernel(int socket, std::span<const std::byte> request);

// Its bytes are in the buffer. A datagram longer than that is the error EMSGSIZE.
[[nodiscard]] Result<std::size_t> receive_from_kernel(int socket,
                                                      const char* object,
                                                      std::vector<std::byte>& buffer);

}  // namespace sockwitness::recorder
