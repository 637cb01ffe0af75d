// Names for the numbers of the host: which is which is decided by the compiler.
//
// In:    numbers as the kernel gives them, converted in the parsers and the codec only.
// Out:   opaque ids.
// Never: a sentinel; "not known" is an empty optional.
#pragma once

#include <cstdint>
#include <string>

#include "schema/base/strong.h"

namespace sockwitness::schema {

using Pid = Strong<struct PidTag, std::int32_t>;
using Uid = Strong<struct UidTag, std::uint32_t>;
using Gid = Strong<struct GidTag, std::uint32_t>;
using Fd = Strong<struct FdTag, std::int32_t>;
using Port = Strong<struct PortTag, std::uint16_t>;  // host byte order
using Inode = Strong<struct InodeTag, std::uint64_t>;
using Device = Strong<struct DeviceTag, std::uint64_t>;  // st_dev as glibc packs it
using SocketCookie =
    Strong<struct SocketCookieTag, std::uint64_t>;  // sock_gen_cookie(), unique per boot
using InterfaceIndex = Strong<struct InterfaceIndexTag, std::uint32_t>;
using Seq = Strong<struct SeqTag, std::int64_t>;  // number of a snapshot, from 1, dense

// Positions in the vectors of one Snapshot. They mean nothing outside it.
using NetnsIndex = Strong<struct NetnsIndexTag, std::uint32_t>;
using SocketIndex = Strong<struct SocketIndexTag, std::uint32_t>;
using ProcessIndex = Strong<struct ProcessIndexTag, std::uint32_t>;
using ProgramIndex = Strong<struct ProgramIndexTag, std::uint32_t>;

// No id of anyone: (uid_t)-1. What a process has whose ids could not be read (Part::Ids).
inline constexpr Uid kNoUid{0xFFFFFFFF};
inline constexpr Gid kNoGid{0xFFFFFFFF};

}  // namespace sockwitness::schema
