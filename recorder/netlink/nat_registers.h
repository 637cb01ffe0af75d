// What the registers of nf_tables hold while a rule is followed: what of the packet, or which
// bytes.
//
// In:    register numbers as rules name them.
// Out:   fields, bytes and masks, four bytes a register.
// Never: a value of a packet: there is none.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "recorder/netlink/message.h"

namespace sockwitness::recorder {

enum class NatField : std::uint8_t {
  Unknown,
  Constant,
  Destination,   // IPv4; perhaps only the first bytes of it
  Source,        // likewise
  Destination6,  // IPv6
  Source6,       // likewise
  DestinationPort,
  SourcePort,
  BothPorts,  // of source and destination
  Protocol,
  Family,
  Device,
  Interface,
  AddressType  // of the destination
};

struct NatRegister {
  NatField field = NatField::Unknown;
  std::uint8_t part = 0;  // the fifth to eighth byte of a field are its part 1
  std::uint8_t size = 0;  // bytes of the whole field
  std::array<std::byte, 4> bytes{};
  std::optional<std::array<std::byte, 4>> mask;
  std::string remark;  // on what depends what it is compared with, of the unknown ones
};

class NatRegisters {
 public:
  static constexpr std::size_t kCount = 16;

  // Position of a register; nothing where there is none of this number.
  [[nodiscard]] static std::optional<std::size_t> position(std::uint32_t number);

  void set_field(std::size_t at, NatField field, std::size_t size, const std::string& remark = {});
  void set_bytes(std::size_t at, Bytes bytes);
  void set_mask(std::size_t at, Bytes mask);
  void copy(std::size_t from, std::size_t to, std::size_t size);
  void clear() { registers_ = {}; }

  [[nodiscard]] const NatRegister& at(std::size_t position) const { return registers_[position]; }
  // Nothing where not all of them are constants.
  [[nodiscard]] std::optional<std::vector<std::byte>> bytes(std::size_t at, std::size_t size) const;
  // Bits of the mask of a field, which are its first ones; nothing for any other mask.
  [[nodiscard]] std::optional<unsigned> prefix_length(std::size_t at) const;

 private:
  std::array<NatRegister, kCount> registers_;
};

}  // namespace sockwitness::recorder
