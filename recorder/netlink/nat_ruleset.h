// The NAT rules of one network namespace, as nf_tables keeps them.
//
// In:    decoded messages of nf_tables.
// Out:   plain values: chains, rules and sets, which refer to each other by name within a table.
// Never: a view into a datagram: the rules outlive it.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sockwitness::recorder {

// Names are unique within a table, tables within a family (NFPROTO_*).
struct NatTable {
  std::uint8_t family = 0;
  std::string name;

  friend auto operator<=>(const NatTable&, const NatTable&) = default;
};

struct NatName {
  NatTable table;
  std::string name;

  friend auto operator<=>(const NatName&, const NatName&) = default;
};

// A chain that packets come to by themselves.
struct NatHook {
  std::uint32_t number = 0;  // NF_INET_PRE_ROUTING or NF_INET_LOCAL_OUT
  std::int32_t priority = 0;

  friend auto operator<=>(const NatHook&, const NatHook&) = default;
};

struct NatRule {
  std::uint64_t handle = 0;
  std::vector<std::byte> expressions;  // NFTA_RULE_EXPRESSIONS as it came
};

// Where a rule or an element of a map sends a packet.
struct NatVerdict {
  std::int32_t code = 0;  // NFT_JUMP, NFT_GOTO, …
  std::string chain;
};

struct NatElement {
  std::vector<std::byte> key;
  std::optional<std::vector<std::byte>> key_end;  // of a range, included; in sets of several fields
  std::vector<std::byte> data;                    // of a map
  std::optional<NatVerdict> verdict;              // of a verdict map
  bool interval_end = false;  // in sets of ranges: the first key after one that began before
  bool catch_all = false;     // "*"
};

struct NatSet {
  std::uint32_t flags = 0;  // NFT_SET_*
  std::vector<NatElement> elements;
};

struct NatRuleset {
  std::map<NatName, NatHook> hooks;                // of type "nat", prerouting and output
  std::map<NatName, std::vector<NatRule>> chains;  // by name, rules in their order
  std::map<NatName, NatSet> sets;
};

}  // namespace sockwitness::recorder
