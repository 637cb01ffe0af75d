#include "schema/view/relay.h"

#include <algorithm>
#include <vector>

#include "schema/base/base_name.h"
#include "schema/base/scan.h"
#include "schema/view/command_line.h"
#include "schema/view/docker_proxy.h"
#include "schema/view/stable_name.h"

namespace sockwitness::schema {
namespace {

using Arguments = std::vector<std::string_view>;

constexpr std::string_view kIn = " in ";

std::string lower(std::string_view text) {
  std::string plain(text);
  std::transform(plain.begin(), plain.end(), plain.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return plain;
}

// "TCP-LISTEN:80,fork": of the two addresses the one that does not listen, without options.
std::string socat_target(const Arguments& arguments) {
  std::vector<std::string_view> ends;
  for (std::size_t at = 1; at < arguments.size(); ++at) {
    const std::string_view word = arguments[at];
    if (!word.starts_with('-') || word == "-") {
      ends.push_back(word);
    } else if (word == "-b" || word == "-t" || word == "-T" || word == "-L" || word == "-W" ||
               word == "-r" || word == "-R") {
      ++at;
    }
  }
  if (ends.size() != 2) {
    return {};
  }
  const auto listens = [](std::string_view end) {
    const std::string kind = lower(end.substr(0, end.find_first_of(":,")));
    return kind.ends_with("-listen") || kind.ends_with("-l") || kind.ends_with("-recvfrom") ||
           kind.ends_with("-recv") || kind == "accept-fd" || kind == "accept";
  };
  const std::string_view target = listens(ends[0]) ? ends[1] : ends[0];
  return std::string(target.substr(0, target.find(',')));
}

// What stands behind the last ':' that is in no brackets, and what stands before it.
std::pair<std::string_view, std::string_view> split_last(std::string_view text) {
  const auto colon = text.rfind(':');
  return colon == std::string_view::npos ? std::pair(std::string_view(), text)
                                         : std::pair(text.substr(0, colon), text.substr(colon + 1));
}

// "[BIND:]PORT:HOST:HOSTPORT" or "[BIND:]PORT:PATH"; nothing for another port.
std::string ssh_forward(std::string_view word, Port port) {
  auto [front, end] = split_last(word);
  std::string target(end);
  if (!end.starts_with('/')) {
    const auto bracket = front.ends_with(']') ? front.rfind('[') : std::string_view::npos;
    const auto colon = bracket == std::string_view::npos ? front.rfind(':') : bracket - 1;
    if (colon >= front.size()) {
      return {};
    }
    target = std::string(front.substr(colon + 1)).append(":").append(end);
    front = front.substr(0, colon);
  }
  return parse_number<std::uint16_t>(split_last(front).second) == port.value() ? target
                                                                               : std::string();
}

// What one option of ssh's opens at this port; "LocalForward=8080 db:80" of -o as well.
std::string ssh_opens(char letter, std::string_view value, Port port) {
  std::string word(value);
  if (letter == 'o') {
    const auto end = value.find_first_of("= \t");
    const std::string name = lower(value.substr(0, end));
    const auto begin = value.find_first_not_of("= \t", end);
    word = begin == std::string_view::npos ? std::string() : std::string(value.substr(begin));
    std::replace(word.begin(), word.end(), ' ', ':');
    letter = name == "localforward" ? 'L' : name == "dynamicforward" ? 'D' : ' ';
  }
  if (letter == 'L') {
    // A '/' may stand for every ':', but not before a path.
    const bool slashes = std::count(word.begin(), word.end(), ':') == 0;
    std::replace(word.begin(), word.end(), slashes ? '/' : ':', ':');
    return ssh_forward(word, port);
  }
  const bool socks =
      letter == 'D' && parse_number<std::uint16_t>(split_last(word).second) == port.value();
  return socks ? "SOCKS" : std::string();
}

// Options may stand behind the host, too; the next word is a command for the other side.
std::string ssh_target(const Arguments& arguments, Port port, bool autossh) {
  constexpr std::string_view kWithValue = "BbcDEeFIiJLlmOoPpQRSWw";
  std::string target;
  std::string host;
  std::string user;
  for (std::size_t at = 1; at < arguments.size(); ++at) {
    std::string_view word = arguments[at];
    if (!word.starts_with('-') || word.size() < 2) {
      if (!host.empty()) {
        break;
      }
      host = word;
      continue;
    }
    for (word.remove_prefix(1); !word.empty();) {
      const char letter = word.front();
      word.remove_prefix(1);
      if (kWithValue.find(letter) == std::string_view::npos && (letter != 'M' || !autossh)) {
        continue;
      }
      const std::string_view value = !word.empty()               ? word
                                     : at + 1 < arguments.size() ? arguments[++at]
                                                                 : std::string_view();
      if (std::string opened = ssh_opens(letter, value, port); !opened.empty()) {
        target = std::move(opened);
      }
      if (letter == 'l') {
        user = std::string(value).append("@");
      }
      break;
    }
  }
  if (host.find('@') != std::string::npos) {
    user.clear();
  }
  return target.empty() ? target : target.append(" by ").append(user).append(host);
}

// "OPTION VALUE" and "OPTION=VALUE" of long options; of short ones also behind others: "-lkpe".
std::string_view option_value(const Arguments& arguments,
                              std::string_view name,
                              char letter = '\0') {
  for (std::size_t at = 1; at < arguments.size(); ++at) {
    std::string_view word = arguments[at];
    const bool cluster = letter != '\0' && word.size() > 1 && word.front() == '-' &&
                         word[1] != '-' && word.back() == letter;
    if (cluster || word == name) {
      return at + 1 < arguments.size() ? arguments[at + 1] : std::string_view();
    }
    if (scan_literal(word, name) && scan_literal(word, "=")) {
      return word;
    }
  }
  return {};
}

std::string redir_target(const Arguments& arguments, std::string last) {
  const std::string_view address = option_value(arguments, "--caddr");
  const std::string_view port = option_value(arguments, "--cport");
  return port.empty() ? last : std::string(address).append(":").append(port);
}

// What nc and ncat start for each connection.
std::string started_target(const Arguments& arguments) {
  for (const auto& [name, letter] : {std::pair("--exec", 'e'), std::pair("--sh-exec", 'c')}) {
    if (const std::string_view value = option_value(arguments, name, letter); !value.empty()) {
      return std::string("EXEC:").append(value);
    }
  }
  return {};
}

// Of a proxy whose configuration stands on its command line; else the file that it was told.
std::string proxy_target(const Arguments& arguments, char letter) {
  constexpr std::string_view kPass = "proxy_pass ";
  for (const std::string_view word : arguments) {
    if (const auto at = word.find(kPass); at != std::string_view::npos) {
      const std::string_view target = word.substr(at + kPass.size());
      return std::string(target.substr(0, target.find(';')));
    }
  }
  const std::string_view file = option_value(arguments, std::string{'-', letter});
  return file.empty() ? std::string() : "what " + std::string(file) + " says";
}

// The last argument that is no option.
std::string last_target(const Arguments& arguments) {
  const auto last = std::find_if(arguments.rbegin(), arguments.rend(), [](std::string_view word) {
    return !word.starts_with('-');
  });
  const bool own_name = last == arguments.rend() || std::next(last) == arguments.rend();
  return own_name ? std::string() : std::string(*last);
}

// socat's words for one kind of address are many: "tcp4-connect:db:1" is "TCP:db:1".
std::string plain_target(std::string_view target) {
  constexpr std::string_view kConnect = "-connect";
  constexpr std::string_view kClient = "-client";
  const auto colon = target.find(':');
  if (colon == std::string_view::npos || target.find('/') < colon) {
    return stable_path(target);
  }
  std::string kind = lower(target.substr(0, colon));
  for (const std::string_view end : {kConnect, kClient}) {
    if (kind.ends_with(end)) {
      kind.resize(kind.size() - end.size());
    }
  }
  for (const std::string_view known : {"tcp", "udp", "sctp", "openssl"}) {
    if (kind == std::string(known) + "4" || kind == std::string(known) + "6") {
      kind.pop_back();
    }
  }
  return kind == "ssl" ? std::string("openssl").append(target.substr(colon))
                       : kind.append(target.substr(colon));
}

}  // namespace

std::string find_relay_target(std::string_view program, std::string_view command_line, Port port) {
  const std::string_view name = base_name(program);
  const auto arguments = [&] { return split_arguments(command_line, std::nullopt); };
  if (name == "socat" || name == "socat1") {
    return socat_target(arguments());
  }
  if (name == "ssh" || name == "autossh") {
    return ssh_target(arguments(), port, name == "autossh");
  }
  if (name == "nc" || name == "ncat" || name == "netcat" || name == "nc.traditional") {
    return started_target(arguments());
  }
  if (name == "haproxy" || name == "nginx") {
    return proxy_target(arguments(), name == "nginx" ? 'c' : 'f');
  }
  if (name == "redir") {
    return redir_target(arguments(), last_target(arguments()));
  }
  return name == "systemd-socket-proxyd" ? last_target(arguments()) : std::string();
}

std::string leads_to(const Owner& owner, Port port) {
  if (!owner.forwards_to.empty()) {
    return owner.forwards_to;
  }
  const std::string_view line = owner.command_line ? *owner.command_line : std::string_view();
  const std::string_view head = ends_of(line, owner.long_line).head;
  if (base_name(owner.path()) == "docker-proxy") {
    const auto forwarding = parse_docker_proxy(head);
    return forwarding ? forwarding->address.text() + ":" + std::to_string(forwarding->port.value())
                      : std::string();
  }
  return find_relay_target(owner.path(), head, port);
}

LeadChange compare_leads(std::string_view before, std::string_view after) {
  if (before == after || before.empty() || after.empty() ||
      plain_target(before) == plain_target(after)) {
    return LeadChange::Same;
  }
  const auto label_of = [](std::string_view target) {
    const auto at = target.find(kIn);
    return at == std::string_view::npos ? std::string_view() : target.substr(at + kIn.size());
  };
  const auto port_of = [](std::string_view target) {
    return split_last(target.substr(0, target.find(kIn))).second;
  };
  const std::string_view old = label_of(before);
  const std::string_view now = label_of(after);
  if (old.empty() && now.empty()) {
    return LeadChange::Elsewhere;
  }
  if (old.empty() || now.empty()) {
    return before.substr(0, before.find(kIn)) == after.substr(0, after.find(kIn))
               ? LeadChange::Same
               : LeadChange::Perhaps;
  }
  const bool same_container = old == now || (has_drawn_id(old) && has_drawn_id(now));
  return same_container && port_of(before) == port_of(after) ? LeadChange::Recreated
                                                             : LeadChange::Elsewhere;
}

}  // namespace sockwitness::schema
