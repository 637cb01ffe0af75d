#include "recorder/netlink/nat_walk.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "recorder/netlink/nat_comparison.h"
#include "recorder/netlink/nat_decode.h"
#include "recorder/netlink/nat_expression.h"
#include "recorder/netlink/nat_lead.h"
#include "recorder/netlink/nat_matches.h"
#include "recorder/netlink/nat_target.h"

namespace sockwitness::recorder {
namespace {

// As deep as the kernel lets chains call each other. Source: include/net/netfilter/nf_tables.h.
constexpr int kDeepest = 16;
constexpr std::size_t kMostPorts = 65536;
// Rules and elements of maps that are looked at, each as often as packets may come to it.
constexpr std::size_t kMostSteps = 1U << 20U;

std::string chain_text(const NatName& chain) {
  const std::uint8_t family = chain.table.family;
  return std::string(family == NFPROTO_IPV4   ? "ip "
                     : family == NFPROTO_IPV6 ? "ip6 "
                                              : "inet ") +
         chain.table.name + " " + chain.name;
}

class Walk {
 public:
  explicit Walk(const NatRuleset& ruleset) : ruleset_(ruleset) {}

  NatPorts follow() {
    for (const std::uint32_t hook : {NF_INET_PRE_ROUTING, NF_INET_LOCAL_OUT}) {
      for_others_ = hook == NF_INET_PRE_ROUTING;
      std::vector<std::pair<std::int32_t, NatName>> chains;
      for (const auto& [name, at] : ruleset_.hooks) {
        if (at.number == hook) {
          chains.emplace_back(at.priority, name);
        }
      }
      std::sort(chains.begin(), chains.end());
      for (const auto& [priority, name] : chains) {
        NatCondition condition;
        if (name.table.family == NFPROTO_IPV4 || name.table.family == NFPROTO_IPV6) {
          condition.v6 = name.table.family == NFPROTO_IPV6;
        }
        follow_chain(name, condition, 0);
      }
    }
    return std::move(found_);
  }

 private:
  struct Place {
    const NatName& chain;
    const std::vector<NatExpression>& expressions;
    int depth = 0;
  };

  void follow_chain(const NatName& name, const NatCondition& condition, int depth) {
    const auto chain = ruleset_.chains.find(name);
    if (chain == ruleset_.chains.end() || condition.impossible) {
      return;
    }
    if (depth > kDeepest) {
      found_.unknown.insert(chain_text(name));
      return;
    }
    for (const NatRule& rule : chain->second) {
      const auto expressions = split_expressions(rule);
      if (!expressions) {
        found_.unknown.insert(chain_text(name));
        continue;
      }
      follow_rule({name, *expressions, depth}, 0, NatPath{condition, {}});
    }
  }

  void follow_rule(const Place& place, std::size_t from, NatPath path) {
    if (++steps_ > kMostSteps || found_.ports.size() > kMostPorts) {
      found_.too_many = true;
      return;
    }
    for (std::size_t at = from; at < place.expressions.size(); ++at) {
      if (path.condition.impossible) {
        return;
      }
      const NatExpression& expression = place.expressions[at];
      if (expression.name == "lookup") {
        if (look_up(place, at, expression, path)) {
          continue;
        }
        return;
      }
      if (expression.name == "immediate") {
        if (const auto verdict = expression.verdict(NFTA_IMMEDIATE_DATA)) {
          if (const auto next = next_chain(verdict)) {
            follow_chain({place.chain.table, *next}, path.condition, place.depth + 1);
          }
          if (verdict->code != NFT_CONTINUE) {
            return;
          }
          continue;
        }
      }
      if (leads_elsewhere(expression)) {
        lead(place, expression, path);
        return;
      }
      if (!apply_expression(place.chain.table, expression, path)) {
        not_understood(place);
        path.registers.clear();
        path.condition.remark("by " + expression.name);
      }
    }
  }

  // It matters only where the rule leads elsewhere, or sends packets on.
  void not_understood(const Place& place) {
    const bool matters = std::any_of(
        place.expressions.begin(), place.expressions.end(), [](const NatExpression& each) {
          return leads_elsewhere(each);
        });
    if (matters) {
      found_.unknown.insert(chain_text(place.chain));
    }
  }

  // True: the rule goes on with the path as it is; otherwise it was followed to its end.
  bool look_up(const Place& place, std::size_t at, const NatExpression& expression, NatPath& path) {
    const auto from = register_of(expression, NFTA_LOOKUP_SREG);
    const auto name = expression.find(NFTA_LOOKUP_SET);
    const auto set =
        name ? ruleset_.sets.find({place.chain.table, decode_name(*name)}) : ruleset_.sets.end();
    if (!from || set == ruleset_.sets.end()) {
      found_.unknown.insert(chain_text(place.chain));
      return false;
    }
    const auto elements = list_elements(set->second);
    if ((expression.number(NFTA_LOOKUP_FLAGS).value_or(0) & NFT_LOOKUP_F_INV) != 0) {
      std::vector<KeyRange> ranges;
      for (const KeyedElement& each : elements) {
        ranges.push_back(each.range);
      }
      limit_to_others(path.condition, path.registers, *from, ranges);
      return true;
    }
    const auto target = expression.number(NFTA_LOOKUP_DREG);
    for (const KeyedElement& each : elements) {
      NatPath branch = path;
      limit_to(branch.condition, branch.registers, *from, each.range);
      if (branch.condition.impossible) {
        continue;
      }
      if (target && !each.element->verdict) {
        const auto to = NatRegisters::position(*target);
        if (!to) {
          found_.unknown.insert(chain_text(place.chain));
          return false;
        }
        branch.registers.set_bytes(*to, Bytes(each.element->data));
      }
      if (!each.element->verdict) {
        follow_rule(place, at + 1, std::move(branch));
      } else if (const auto next = next_chain(each.element->verdict)) {
        follow_chain({place.chain.table, *next}, branch.condition, place.depth + 1);
      }
    }
    return false;
  }

  void lead(const Place& place, const NatExpression& expression, const NatPath& path) {
    NatLead lead{path.condition, {}, place.chain, for_others_};
    if (!read_nat_target(place.chain.table, expression, path.registers, lead.target)) {
      found_.unknown.insert(chain_text(place.chain));
      return;
    }
    for (schema::Socket& port : list_ports(lead)) {
      auto key = key_of(port);
      const bool anyway = for_others_ || !known_.contains(key_for_others(port));
      if (anyway && known_.insert(std::move(key)).second) {
        found_.ports.push_back(std::move(port));
      }
    }
  }

  using Key = std::tuple<schema::Protocol,
                         schema::IpAddress,
                         schema::Port,
                         schema::IpAddress,
                         schema::Port,
                         schema::Port,
                         std::string,
                         std::string,
                         schema::InterfaceIndex>;

  static Key key_of(const schema::Socket& port) {
    return {port.protocol,
            port.local_address,
            port.local_port,
            port.remote_address,
            port.remote_port,
            port.remote_last,
            port.name,
            port.interface_name,
            port.interface};
  }

  // What comes from elsewhere is led there as well.
  static Key key_for_others(const schema::Socket& port) {
    Key key = key_of(port);
    std::string& name = std::get<6>(key);
    if (name.ends_with(kOfThisHost)) {
      name.resize(name.size() - kOfThisHost.size());
    }
    return key;
  }

  const NatRuleset& ruleset_;
  NatPorts found_;
  std::set<Key> known_;
  std::size_t steps_ = 0;
  bool for_others_ = true;
};

}  // namespace

NatPorts follow_nat_rules(const NatRuleset& ruleset) {
  return Walk(ruleset).follow();
}

std::set<NatName> find_used_sets(const NatRuleset& ruleset, const std::set<NatName>& loaded) {
  std::set<NatName> used;
  std::set<NatName> seen;
  std::vector<NatName> open;
  for (const auto& [name, hook] : ruleset.hooks) {
    open.push_back(name);
  }
  while (!open.empty()) {
    const NatName name = std::move(open.back());
    open.pop_back();
    const auto chain = ruleset.chains.find(name);
    if (!seen.insert(name).second || chain == ruleset.chains.end()) {
      continue;
    }
    const auto add = [&](const std::optional<NatVerdict>& verdict) {
      if (const auto next = next_chain(verdict)) {
        open.push_back({name.table, *next});
      }
    };
    for (const NatRule& rule : chain->second) {
      for (const NatExpression& each :
           split_expressions(rule).value_or(std::vector<NatExpression>())) {
        if (each.name == "immediate") {
          add(each.verdict(NFTA_IMMEDIATE_DATA));
        } else if (each.name == "lookup") {
          const NatName set{name.table, decode_name(each.find(NFTA_LOOKUP_SET).value_or(Bytes()))};
          used.insert(set);
          const auto known = ruleset.sets.find(set);
          if (loaded.contains(set) && known != ruleset.sets.end()) {
            for (const NatElement& element : known->second.elements) {
              add(element.verdict);
            }
          }
        }
      }
    }
  }
  return used;
}

}  // namespace sockwitness::recorder
