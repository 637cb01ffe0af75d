#include "recorder/netlink/nat_registers.h"

#include <linux/netfilter/nf_tables.h>

#include <algorithm>
#include <cstring>

namespace sockwitness::recorder {
namespace {

constexpr std::size_t kWidth = 4;

std::size_t count_of(std::size_t size) {
  return (size + kWidth - 1) / kWidth;
}

}  // namespace

// Registers of 16 bytes by their old numbers, of 4 by the newer ones: both name the same room.
std::optional<std::size_t> NatRegisters::position(std::uint32_t number) {
  if (number >= NFT_REG_1 && number <= NFT_REG_4) {
    return (number - NFT_REG_1) * std::size_t{4};
  }
  if (number >= NFT_REG32_00 && number <= NFT_REG32_15) {
    return number - NFT_REG32_00;
  }
  return std::nullopt;
}

void NatRegisters::set_field(std::size_t at,
                             NatField field,
                             std::size_t size,
                             const std::string& remark) {
  for (std::size_t part = 0; part < count_of(size) && at + part < kCount; ++part) {
    registers_[at + part] = {field,
                             static_cast<std::uint8_t>(part),
                             static_cast<std::uint8_t>(size),
                             {},
                             std::nullopt,
                             remark};
  }
}

void NatRegisters::set_bytes(std::size_t at, Bytes bytes) {
  set_field(at, NatField::Constant, bytes.size());
  for (std::size_t part = 0; part < count_of(bytes.size()) && at + part < kCount; ++part) {
    const Bytes some = bytes.subspan(part * kWidth);
    std::copy_n(some.begin(), std::min(some.size(), kWidth), registers_[at + part].bytes.begin());
  }
}

void NatRegisters::set_mask(std::size_t at, Bytes mask) {
  for (std::size_t part = 0; part < count_of(mask.size()) && at + part < kCount; ++part) {
    const Bytes some = mask.subspan(part * kWidth);
    auto& known = registers_[at + part].mask.emplace();
    known.fill(std::byte{0});
    std::copy_n(some.begin(), std::min(some.size(), kWidth), known.begin());
  }
}

void NatRegisters::copy(std::size_t from, std::size_t to, std::size_t size) {
  const auto before = registers_;
  for (std::size_t part = 0; part < count_of(size) && std::max(from, to) + part < kCount; ++part) {
    registers_[to + part] = before[from + part];
  }
}

std::optional<std::vector<std::byte>> NatRegisters::bytes(std::size_t at, std::size_t size) const {
  std::vector<std::byte> found;
  for (std::size_t part = 0; part < count_of(size); ++part) {
    if (at + part >= kCount || registers_[at + part].field != NatField::Constant) {
      return std::nullopt;
    }
    const auto& some = registers_[at + part].bytes;
    found.insert(found.end(), some.begin(), some.end());
  }
  found.resize(size);
  return found;
}

std::optional<unsigned> NatRegisters::prefix_length(std::size_t at) const {
  unsigned length = 0;
  bool ended = false;
  for (std::size_t byte = 0; byte < registers_[at].size; ++byte) {
    const NatRegister& one = registers_[std::min(kCount - 1, at + byte / kWidth)];
    const auto bits =
        std::to_integer<unsigned>(one.mask ? (*one.mask)[byte % kWidth] : std::byte{0xFF});
    for (unsigned bit = 0x80; bit != 0; bit >>= 1U) {
      if ((bits & bit) == 0) {
        ended = true;
      } else if (ended) {
        return std::nullopt;
      } else {
        ++length;
      }
    }
  }
  return length;
}

}  // namespace sockwitness::recorder
