#include "recorder/netlink/nat_connection.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include <cstring>

#include "recorder/netlink/datagram.h"
#include "recorder/netlink/nat_decode.h"

namespace sockwitness::recorder {
namespace {

const char* const kNfTables = "nf_tables";

void append(std::vector<std::byte>& bytes, const void* data, std::size_t size) {
  const auto* first = static_cast<const std::byte*>(data);
  bytes.insert(bytes.end(), first, first + size);
}

void append_text(std::vector<std::byte>& bytes, std::uint16_t type, const std::string& text) {
  nlattr head{};
  head.nla_type = type;
  head.nla_len = static_cast<std::uint16_t>(sizeof(head) + text.size() + 1);
  append(bytes, &head, sizeof(head));
  append(bytes, text.c_str(), text.size() + 1);
  bytes.resize((bytes.size() + 3) / 4 * 4);
}

// A kernel without nf_tables calls the question invalid. Source: net/netfilter/nfnetlink.c.
DumpEnd ended_by(int error_number) {
  if (error_number == 0) {
    return {};
  }
  const bool missing = error_number == EINVAL || error_number == EOPNOTSUPP;
  return {missing ? DumpOutcome::Missing : classify_dump_error(error_number), error_number};
}

}  // namespace

Result<NatConnection> NatConnection::open(std::vector<std::byte>& buffer) {
  auto socket = open_netlink(NETLINK_NETFILTER, kNfTables, buffer);
  if (!socket) {
    return socket.error();
  }
  return NatConnection(std::move(socket.value()), buffer);
}

DumpEnd NatConnection::ask(const Question& question,
                           NatRuleset& ruleset,
                           std::uint32_t* generation) {
  nlmsghdr head{};
  head.nlmsg_type = static_cast<std::uint16_t>((NFNL_SUBSYS_NFTABLES << 8) | question.message);
  head.nlmsg_flags =
      static_cast<std::uint16_t>(NLM_F_REQUEST | (question.all ? NLM_F_DUMP : NLM_F_ACK));
  head.nlmsg_seq = ++sequence_;
  nfgenmsg body{};
  body.nfgen_family = question.family;
  body.version = NFNETLINK_V0;
  std::vector<std::byte> request;
  append(request, &head, sizeof(head));
  append(request, &body, sizeof(body));
  if (question.table_attribute != 0) {
    append_text(request, question.table_attribute, question.table);
  }
  if (question.name_attribute != 0) {
    append_text(request, question.name_attribute, question.name);
  }
  head.nlmsg_len = static_cast<std::uint32_t>(request.size());
  std::memcpy(request.data(), &head, sizeof(head));
  if (const int error_number = send_to_kernel(socket_.get(), request); error_number != 0) {
    return ended_by(error_number);
  }
  NatAnswer answer;
  while (true) {
    const auto received = receive_from_kernel(socket_.get(), kNfTables, *buffer_);
    if (!received) {
      return ended_by(received.error().number);
    }
    decode_nat_datagram(Bytes(buffer_->data(), received.value()), sequence_, ruleset, answer);
    if (!answer.done) {
      continue;
    }
    malformed_ += answer.malformed;
    if (answer.error_number != 0) {
      return ended_by(answer.error_number);
    }
    if (generation != nullptr) {
      *generation = answer.generation.value_or(0);
    }
    return {answer.interrupted ? DumpOutcome::Interrupted : DumpOutcome::Complete, 0};
  }
}

DumpEnd NatConnection::read_generation(std::uint32_t& generation) {
  NatRuleset nothing;
  return ask(
      {.message = NFT_MSG_GETGEN, .family = NFPROTO_UNSPEC, .all = false}, nothing, &generation);
}

DumpEnd NatConnection::read_chains(NatRuleset& ruleset) {
  return ask({.message = NFT_MSG_GETCHAIN, .family = NFPROTO_UNSPEC}, ruleset);
}

DumpEnd NatConnection::read_rules(const NatTable& table, NatRuleset& ruleset) {
  return ask({.message = NFT_MSG_GETRULE,
              .family = table.family,
              .table_attribute = NFTA_RULE_TABLE,
              .table = table.name},
             ruleset);
}

DumpEnd NatConnection::read_sets(const NatTable& table, NatRuleset& ruleset) {
  return ask({.message = NFT_MSG_GETSET,
              .family = table.family,
              .table_attribute = NFTA_SET_TABLE,
              .table = table.name},
             ruleset);
}

DumpEnd NatConnection::read_elements(const NatName& set, NatRuleset& ruleset) {
  return ask({.message = NFT_MSG_GETSETELEM,
              .family = set.table.family,
              .table_attribute = NFTA_SET_ELEM_LIST_TABLE,
              .table = set.table.name,
              .name_attribute = NFTA_SET_ELEM_LIST_SET,
              .name = set.name},
             ruleset);
}

}  // namespace sockwitness::recorder
