// A socket for questions about nf_tables, in the network namespace of the thread that opened it.
//
// In:    which objects to list.
// Out:   chains, rules, sets and their elements; how the answer ended.
// Never: waits for ever, believes anyone but the kernel, or changes a rule.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "recorder/netlink/connection.h"
#include "recorder/netlink/nat_ruleset.h"
#include "recorder/os/result.h"
#include "recorder/os/unique_fd.h"

namespace sockwitness::recorder {

class NatConnection {
 public:
  // The buffer is the caller's, and outlives the connection.
  static Result<NatConnection> open(std::vector<std::byte>& buffer);

  // Counts changes of the rules of this namespace.
  [[nodiscard]] DumpEnd read_generation(std::uint32_t& generation);
  // All chains; the rules and sets of a table; the elements of a set. Added to `ruleset`.
  [[nodiscard]] DumpEnd read_chains(NatRuleset& ruleset);
  [[nodiscard]] DumpEnd read_rules(const NatTable& table, NatRuleset& ruleset);
  [[nodiscard]] DumpEnd read_sets(const NatTable& table, NatRuleset& ruleset);
  [[nodiscard]] DumpEnd read_elements(const NatName& set, NatRuleset& ruleset);

  // Messages that could not be read so far.
  [[nodiscard]] std::uint32_t malformed() const { return malformed_; }
  [[nodiscard]] int descriptor() const { return socket_.get(); }

 private:
  NatConnection(UniqueFd socket, std::vector<std::byte>& buffer)
      : socket_(std::move(socket)), buffer_(&buffer) {}

  struct Question {
    int message = 0;
    std::uint8_t family = 0;
    bool all = true;                    // a dump; else one object
    std::uint16_t table_attribute = 0;  // 0: none
    std::string table = {};
    std::uint16_t name_attribute = 0;
    std::string name = {};
  };
  DumpEnd ask(const Question& question, NatRuleset& ruleset, std::uint32_t* generation = nullptr);

  UniqueFd socket_;
  std::vector<std::byte>* buffer_;
  std::uint32_t sequence_ = 0;
  std::uint32_t malformed_ = 0;
};

}  // namespace sockwitness::recorder
