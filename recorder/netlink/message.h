// Walks the messages of a netlink datagram and the attributes of a message, checking every length.
//
// In:    bytes from a netlink socket, possibly truncated or hostile.
// Out:   views into those bytes, one message or attribute at a time.
// Never: reads outside the bytes, copies a payload, or goes on after a length that cannot be true.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <type_traits>

namespace sockwitness::recorder {

using Bytes = std::span<const std::byte>;

struct Message {
  std::uint16_t type = 0;   // NLMSG_DONE, NLMSG_ERROR or of the protocol
  std::uint16_t flags = 0;  // NLM_F_*
  std::uint32_t sequence = 0;
  std::uint32_t port_id = 0;
  Bytes payload;
};

// Source: netlink(7), RFC 3549 section 2.3.2.
class MessageReader {
 public:
  explicit MessageReader(Bytes datagram) : rest_(datagram) {}

  // Nothing at the end, and at the first message whose length is wrong.
  [[nodiscard]] std::optional<Message> next();
  [[nodiscard]] bool malformed() const { return malformed_; }

 private:
  Bytes rest_;
  bool malformed_ = false;
};

struct Attribute {
  std::uint16_t type = 0;  // without the nested and byte order marks
  Bytes payload;
};

class AttributeReader {
 public:
  explicit AttributeReader(Bytes attributes) : rest_(attributes) {}

  [[nodiscard]] std::optional<Attribute> next();
  [[nodiscard]] bool malformed() const { return malformed_; }

 private:
  Bytes rest_;
  bool malformed_ = false;
};

// The front of `bytes` as a kernel structure, whatever its alignment.
template <class T>
[[nodiscard]] std::optional<T> decode_struct(Bytes bytes) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (bytes.size() < sizeof(T)) {
    return std::nullopt;
  }
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

// What follows a kernel structure of `size` bytes: its attributes, at the next multiple of four.
[[nodiscard]] Bytes after_struct(Bytes payload, std::size_t size);

}  // namespace sockwitness::recorder
