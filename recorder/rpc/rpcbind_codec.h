// The one question that is put to rpcbind, and its answer.
//
// In:    a transaction number; the bytes of a reply.
// Out:   the bytes of a call; rpcbind's registrations.
// Never: trusts a length or a count in the reply, or calls the system.
//
// Source: RFC 1833 section 2.1 (RPCBPROC_DUMP), RFC 5531 sections 9 and 11 (messages, records),
// RFC 4506 (XDR).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/model/snapshot.h"

namespace sockwitness::recorder {

inline constexpr std::size_t kMaxRpcReply = std::size_t{4} << 20U;

// One record: its mark and a call of RPCBPROC_DUMP, version 4 of the protocol.
[[nodiscard]] std::string build_dump_call(std::uint32_t transaction);

// Puts the fragments of one record together as bytes arrive.
// Source: RFC 5531 section 11: each begins with four bytes, a last-fragment bit and its length.
class RecordReader {
 public:
  enum class State { Incomplete, Complete, TooLong };

  [[nodiscard]] State add(std::string_view bytes);
  [[nodiscard]] const std::string& record() const { return record_; }

 private:
  std::string pending_;  // what does not yet make a whole fragment
  std::string record_;
};

// Nothing when the record is not a successful answer to that transaction, to its last byte.
[[nodiscard]] std::optional<std::vector<schema::RpcRegistration>> decode_dump_reply(
    std::string_view record, std::uint32_t transaction);

}  // namespace sockwitness::recorder
