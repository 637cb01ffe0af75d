#include "recorder/netlink/message.h"

#include <linux/netlink.h>

#include <algorithm>

namespace sockwitness::recorder {
namespace {

constexpr std::size_t align4(std::size_t length) {
  return (length + 3U) & ~std::size_t{3};
}

// The last message or attribute may come without its padding.
Bytes skip(Bytes bytes, std::size_t length) {
  return bytes.subspan(std::min(bytes.size(), align4(length)));
}

}  // namespace

std::optional<Message> MessageReader::next() {
  if (rest_.empty() || malformed_) {
    return std::nullopt;
  }
  const auto head = decode_struct<nlmsghdr>(rest_);
  if (!head || head->nlmsg_len < sizeof(nlmsghdr) || head->nlmsg_len > rest_.size()) {
    malformed_ = true;
    return std::nullopt;
  }
  Message message{head->nlmsg_type,
                  head->nlmsg_flags,
                  head->nlmsg_seq,
                  head->nlmsg_pid,
                  rest_.subspan(sizeof(nlmsghdr), head->nlmsg_len - sizeof(nlmsghdr))};
  rest_ = skip(rest_, head->nlmsg_len);
  return message;
}

std::optional<Attribute> AttributeReader::next() {
  if (rest_.empty() || malformed_) {
    return std::nullopt;
  }
  const auto head = decode_struct<nlattr>(rest_);
  if (!head || head->nla_len < sizeof(nlattr) || head->nla_len > rest_.size()) {
    malformed_ = true;
    return std::nullopt;
  }
  Attribute attribute{static_cast<std::uint16_t>(head->nla_type & NLA_TYPE_MASK),
                      rest_.subspan(sizeof(nlattr), head->nla_len - sizeof(nlattr))};
  rest_ = skip(rest_, head->nla_len);
  return attribute;
}

Bytes after_struct(Bytes payload, std::size_t size) {
  return skip(payload, size);
}

}  // namespace sockwitness::recorder
