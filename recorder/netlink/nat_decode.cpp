#include "recorder/netlink/nat_decode.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace sockwitness::recorder {
namespace {

constexpr std::uint16_t type_of(int message) {
  return static_cast<std::uint16_t>((NFNL_SUBSYS_NFTABLES << 8) | message);
}

std::vector<std::byte> copy(Bytes bytes) {
  return {bytes.begin(), bytes.end()};
}

// Visits the attributes; false where one of them cannot be true.
template <class Visit>
bool read_attributes(Bytes bytes, Visit visit) {
  AttributeReader reader(bytes);
  while (const auto attribute = reader.next()) {
    visit(attribute->type, attribute->payload);
  }
  return !reader.malformed();
}

bool decode_chain(std::uint8_t family, Bytes attributes, NatRuleset& ruleset) {
  NatName name{{family, {}}, {}};
  std::string type;
  std::optional<std::uint32_t> number;
  NatHook hook;
  bool nested = true;
  const bool whole = read_attributes(attributes, [&](std::uint16_t kind, Bytes payload) {
    switch (kind) {
      case NFTA_CHAIN_TABLE:
        name.table.name = decode_name(payload);
        break;
      case NFTA_CHAIN_NAME:
        name.name = decode_name(payload);
        break;
      case NFTA_CHAIN_TYPE:
        type = decode_name(payload);
        break;
      case NFTA_CHAIN_HOOK:
        nested = read_attributes(payload, [&](std::uint16_t part, Bytes value) {
          if (part == NFTA_HOOK_HOOKNUM) {
            number = decode_be32(value);
          } else if (part == NFTA_HOOK_PRIORITY) {
            hook.priority = static_cast<std::int32_t>(decode_be32(value).value_or(0));
          }
        });
        break;
      default:
        break;
    }
  });
  if (!whole || !nested || name.table.name.empty() || name.name.empty()) {
    return false;
  }
  if (type != "nat") {
    return true;
  }
  if (!number) {
    return false;
  }
  if (*number == NF_INET_PRE_ROUTING || *number == NF_INET_LOCAL_OUT) {
    hook.number = *number;
    ruleset.hooks[std::move(name)] = hook;
  }
  return true;
}

bool decode_rule(std::uint8_t family, Bytes attributes, NatRuleset& ruleset) {
  NatName name{{family, {}}, {}};
  NatRule rule;
  const bool whole = read_attributes(attributes, [&](std::uint16_t kind, Bytes payload) {
    switch (kind) {
      case NFTA_RULE_TABLE:
        name.table.name = decode_name(payload);
        break;
      case NFTA_RULE_CHAIN:
        name.name = decode_name(payload);
        break;
      case NFTA_RULE_HANDLE:
        if (const auto high = decode_be32(payload); high && payload.size() == 8) {
          rule.handle = (std::uint64_t{*high} << 32U) | decode_be32(payload.subspan(4)).value_or(0);
        }
        break;
      case NFTA_RULE_EXPRESSIONS:
        rule.expressions = copy(payload);
        break;
      default:
        break;
    }
  });
  if (!whole || name.table.name.empty() || name.name.empty()) {
    return false;
  }
  ruleset.chains[std::move(name)].push_back(std::move(rule));
  return true;
}

bool decode_set(std::uint8_t family, Bytes attributes, NatRuleset& ruleset) {
  NatName name{{family, {}}, {}};
  std::uint32_t flags = 0;
  const bool whole = read_attributes(attributes, [&](std::uint16_t kind, Bytes payload) {
    if (kind == NFTA_SET_TABLE) {
      name.table.name = decode_name(payload);
    } else if (kind == NFTA_SET_NAME) {
      name.name = decode_name(payload);
    } else if (kind == NFTA_SET_FLAGS) {
      flags = decode_be32(payload).value_or(0);
    }
  });
  if (!whole || name.table.name.empty() || name.name.empty()) {
    return false;
  }
  ruleset.sets[std::move(name)].flags = flags;
  return true;
}

bool decode_element(Bytes attributes, NatElement& element) {
  bool understood = true;
  std::uint32_t flags = 0;
  bool keyed = false;
  const auto value_of = [&](Bytes payload) {
    const auto value = decode_nat_value(payload);
    understood = understood && value.has_value();
    return copy(value.value_or(Bytes()));
  };
  const bool whole = read_attributes(attributes, [&](std::uint16_t kind, Bytes payload) {
    switch (kind) {
      case NFTA_SET_ELEM_KEY:
        element.key = value_of(payload);
        keyed = true;
        break;
      case NFTA_SET_ELEM_KEY_END:
        element.key_end = value_of(payload);
        break;
      case NFTA_SET_ELEM_DATA:
        element.verdict = decode_nat_verdict(payload);
        if (!element.verdict) {
          element.data = value_of(payload);
        }
        break;
      case NFTA_SET_ELEM_FLAGS:
        flags = decode_be32(payload).value_or(0);
        break;
      default:
        break;
    }
  });
  element.interval_end = (flags & NFT_SET_ELEM_INTERVAL_END) != 0;
  element.catch_all = !keyed;
  return whole && understood;
}

bool decode_elements(std::uint8_t family, Bytes attributes, NatRuleset& ruleset) {
  NatName name{{family, {}}, {}};
  std::vector<NatElement> elements;
  bool understood = true;
  const bool whole = read_attributes(attributes, [&](std::uint16_t kind, Bytes payload) {
    if (kind == NFTA_SET_ELEM_LIST_TABLE) {
      name.table.name = decode_name(payload);
    } else if (kind == NFTA_SET_ELEM_LIST_SET) {
      name.name = decode_name(payload);
    } else if (kind == NFTA_SET_ELEM_LIST_ELEMENTS) {
      understood = read_attributes(payload,
                                   [&](std::uint16_t, Bytes one) {
                                     understood =
                                         decode_element(one, elements.emplace_back()) && understood;
                                   }) &&
                   understood;
    }
  });
  if (!whole || !understood || name.table.name.empty() || name.name.empty()) {
    return false;
  }
  auto& known = ruleset.sets[std::move(name)].elements;
  std::move(elements.begin(), elements.end(), std::back_inserter(known));
  return true;
}

std::optional<std::uint32_t> decode_generation(Bytes attributes) {
  std::optional<std::uint32_t> generation;
  const bool whole = read_attributes(attributes, [&](std::uint16_t kind, Bytes payload) {
    if (kind == NFTA_GEN_ID) {
      generation = decode_be32(payload);
    }
  });
  return whole ? generation : std::nullopt;
}

bool decode_message(const Message& message, NatRuleset& ruleset, NatAnswer& answer) {
  const auto head = decode_struct<nfgenmsg>(message.payload);
  if (!head) {
    return false;
  }
  const Bytes attributes = after_struct(message.payload, sizeof(nfgenmsg));
  switch (message.type) {
    case type_of(NFT_MSG_NEWCHAIN):
      return decode_chain(head->nfgen_family, attributes, ruleset);
    case type_of(NFT_MSG_NEWRULE):
      return decode_rule(head->nfgen_family, attributes, ruleset);
    case type_of(NFT_MSG_NEWSET):
      return decode_set(head->nfgen_family, attributes, ruleset);
    case type_of(NFT_MSG_NEWSETELEM):
      return decode_elements(head->nfgen_family, attributes, ruleset);
    case type_of(NFT_MSG_NEWGEN):
      answer.generation = decode_generation(attributes);
      return answer.generation.has_value();
    default:
      return false;
  }
}

}  // namespace

std::optional<std::uint32_t> decode_be32(Bytes bytes) {
  const auto number = decode_struct<std::uint32_t>(bytes);
  return number ? std::optional(ntohl(*number)) : std::nullopt;
}

std::string decode_name(Bytes bytes) {
  std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  text.resize(std::min(text.size(), text.find('\0')));
  return text;
}

std::optional<Bytes> decode_nat_value(Bytes attribute) {
  std::optional<Bytes> value;
  const bool whole = read_attributes(attribute, [&](std::uint16_t kind, Bytes payload) {
    if (kind == NFTA_DATA_VALUE) {
      value = payload;
    }
  });
  return whole ? value : std::nullopt;
}

std::optional<NatVerdict> decode_nat_verdict(Bytes attribute) {
  std::optional<NatVerdict> verdict;
  bool nested = true;
  const bool whole = read_attributes(attribute, [&](std::uint16_t kind, Bytes payload) {
    if (kind != NFTA_DATA_VERDICT) {
      return;
    }
    verdict.emplace();
    nested = read_attributes(payload, [&](std::uint16_t part, Bytes value) {
      if (part == NFTA_VERDICT_CODE) {
        verdict->code = static_cast<std::int32_t>(decode_be32(value).value_or(0));
      } else if (part == NFTA_VERDICT_CHAIN) {
        verdict->chain = decode_name(value);
      }
    });
  });
  return whole && nested ? verdict : std::nullopt;
}

void decode_nat_datagram(Bytes datagram,
                         std::uint32_t sequence,
                         NatRuleset& ruleset,
                         NatAnswer& answer) {
  MessageReader reader(datagram);
  while (const auto message = reader.next()) {
    if (message->sequence != sequence) {
      continue;
    }
    answer.interrupted |= (message->flags & NLM_F_DUMP_INTR) != 0;
    if (message->type == NLMSG_DONE || message->type == NLMSG_ERROR) {
      const auto number = decode_struct<std::int32_t>(message->payload);
      answer.done = true;
      answer.error_number = !number || *number > 0 || *number < -4095 ? EBADMSG : -*number;
      return;
    }
    if (message->type != NLMSG_NOOP && !decode_message(*message, ruleset, answer)) {
      ++answer.malformed;
    }
  }
  answer.malformed += reader.malformed() ? 1U : 0U;
}

}  // namespace sockwitness::recorder
