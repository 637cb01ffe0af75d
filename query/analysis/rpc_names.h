// The names of well-known RPC programs.
//
// In:    a program number as registered at rpcbind.
// Out:   its name. Source: IANA, "RPC Program Numbers"; /etc/rpc has the same ones.
// Never: reads a file: an answer must not depend on the machine that gives it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sockwitness::query {

// Empty when the number has no name here.
[[nodiscard]] std::string_view rpc_name(std::uint32_t program);

// "RPC 100024 status", "RPC 400000"
[[nodiscard]] std::string rpc_words(std::uint32_t program);

}  // namespace sockwitness::query
