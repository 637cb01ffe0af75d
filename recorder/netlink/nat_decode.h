// Turns the kernel's answers to questions about nf_tables into chains, rules and sets.
//
// In:    one datagram as received, and the sequence number of the question.
// Out:   what it says, added to a ruleset; whether the answer ended, failed or was interrupted.
// Never: calls the system, trusts a length, or drops a message that it cannot read without
//        counting.
#pragma once

#include <cstdint>
#include <optional>

#include "recorder/netlink/message.h"
#include "recorder/netlink/nat_ruleset.h"

namespace sockwitness::recorder {

struct NatAnswer {
  bool done = false;         // no more will come
  bool interrupted = false;  // the rules changed under the dump
  int error_number = 0;      // set only with `done`
  std::uint32_t malformed = 0;
  // Of the rules as a whole.
  std::optional<std::uint32_t> generation;
};

// Of chains only those of type "nat" that ports can lead elsewhere from: their hook is prerouting
// or output. Rules and set elements are taken of every chain and set that they come from.
void decode_nat_datagram(Bytes datagram,
                         std::uint32_t sequence,
                         NatRuleset& ruleset,
                         NatAnswer& answer);

// NFTA_DATA_VALUE or NFTA_DATA_VERDICT inside `attribute`.
[[nodiscard]] std::optional<Bytes> decode_nat_value(Bytes attribute);
[[nodiscard]] std::optional<NatVerdict> decode_nat_verdict(Bytes attribute);

// Numbers inside attributes are in network order.
[[nodiscard]] std::optional<std::uint32_t> decode_be32(Bytes bytes);
// Text up to its NUL.
[[nodiscard]] std::string decode_name(Bytes bytes);

}  // namespace sockwitness::recorder
