// How an end of a vsock socket is written.
//
// In:    context id and port, in host order.
// Out:   "CID:PORT", with "*" for any.
// Never: resolves a context id.
#pragma once

#include <cstdint>
#include <string>

namespace sockwitness::schema {

[[nodiscard]] std::string vsock_name(std::uint32_t cid, std::uint32_t port);

}  // namespace sockwitness::schema
