// What a packet must be to come to a rule: as much of it as says which port leads elsewhere.
//
// In:    matches of rules, one after the other.
// Out:   protocols, ports, addresses and interface that are left.
// Never: more than was asked for: each match makes it narrower, or adds a remark.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schema/model/ip.h"

namespace sockwitness::recorder {

struct PortSpan {
  std::uint16_t first = 0;
  std::uint16_t last = 65535;

  friend bool operator==(const PortSpan&, const PortSpan&) = default;
};

// From the first to the last address, both included; of one family.
struct AddressSpan {
  schema::IpAddress first;
  schema::IpAddress last;

  [[nodiscard]] bool single() const { return first == last; }
  [[nodiscard]] std::string text() const;

  // Every address of a prefix; nothing: its length is longer than the address.
  [[nodiscard]] static std::optional<AddressSpan> of_prefix(const schema::IpAddress& address,
                                                            unsigned length);

  friend bool operator==(const AddressSpan&, const AddressSpan&) = default;
};

struct NatCondition {
  std::optional<bool> v6;                 // nothing: both families
  std::vector<std::uint8_t> protocols{};  // IPPROTO_*; empty: any
  std::vector<PortSpan> ports{{}};        // ascending, apart from each other
  std::optional<AddressSpan> destination;
  std::optional<AddressSpan> source;
  std::string device;                // comes in there; "eth*" of all whose names begin so
  std::uint32_t interface = 0;       // the same by its number; 0: not told
  std::vector<std::string> remarks;  // what else is asked for, in words
  bool impossible = false;

  // Each keeps what it has in common with these.
  void limit_family(bool is_v6);
  void limit_protocols(const std::vector<std::uint8_t>& wanted);
  void limit_ports(const std::vector<PortSpan>& wanted);
  void limit_destination(const AddressSpan& wanted);
  void limit_source(const AddressSpan& wanted);
  void limit_device(const std::string& wanted);
  void remark(std::string words);
};

// All ports but these, which are ascending.
[[nodiscard]] std::vector<PortSpan> complement(std::vector<PortSpan> spans);

}  // namespace sockwitness::recorder
