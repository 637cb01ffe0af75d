#include "recorder/proc/mask.h"

#include <algorithm>
#include <array>
#include <vector>

#include "schema/base/base_name.h"
#include "schema/chain/hex_bytes.h"
#include "schema/chain/sha256.h"

namespace sockwitness::recorder {
namespace {

constexpr std::string_view kBegin = "<masked";
constexpr std::size_t kShown = 12;  // digits: two secrets are taken for one once in 2^48
constexpr std::string_view kBlanks = " \t\n";
constexpr std::size_t kLeastToken = 16;  // what is shorter is a user's name

// What names a place where the secret is, and not the secret.
constexpr std::array<std::string_view, 20> kPlaces{"file",
                                                   "path",
                                                   "dir",
                                                   "command",
                                                   "cmd",
                                                   "prompt",
                                                   "stdin",
                                                   "url",
                                                   "uri",
                                                   "helper",
                                                   "id",
                                                   "limit",
                                                   "ttl",
                                                   "type",
                                                   "name",
                                                   "length",
                                                   "lifetime",
                                                   "policy",
                                                   "authentication",
                                                   "timeout"};

bool is_name_letter(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') || letter == '_' || letter == '-' || letter == '.';
}

// "dbPassword", "DB_PASSWORD", "db.password": "db-password".
std::string plain_name(std::string_view name) {
  std::string plain;
  for (std::size_t at = 0; at < name.size(); ++at) {
    const char letter = name[at];
    const bool capital = letter >= 'A' && letter <= 'Z';
    const bool after_small = at > 0 && name[at - 1] >= 'a' && name[at - 1] <= 'z';
    if (capital && after_small) {
      plain += '-';
    }
    plain += letter == '_' || letter == '.' ? '-'
             : capital                      ? static_cast<char>(letter - 'A' + 'a')
                                            : letter;
  }
  return plain;
}

// Whole words of it: "password" is in "db-password", not in "passwords".
bool has_words(std::string_view name, std::string_view words) {
  for (std::size_t at = name.find(words); at != name.npos; at = name.find(words, at + 1)) {
    const std::size_t end = at + words.size();
    if ((at == 0 || name[at - 1] == '-') && (end == name.size() || name[end] == '-')) {
      return true;
    }
  }
  return false;
}

}  // namespace

// One command line on its way through the rules.
class Masking {
 public:
  Masking(const Mask& mask, std::string_view line) : mask_(mask), rest_(line) {}

  std::optional<std::string> run() {
    program_ = schema::base_name(rest_.substr(0, rest_.find('\0')));
    bool next = false;  // the argument before asked for it
    while (!rest_.empty()) {
      const std::size_t end = std::min(rest_.find('\0'), rest_.size());
      const std::string_view argument = rest_.substr(0, end);
      if (next && !argument.empty() && (argument.front() != '-' || argument.size() == 1)) {
        hide(argument);
        next = false;
      } else {
        next = take_argument(argument);
      }
      if (end < rest_.size()) {
        done_ += '\0';
      }
      rest_.remove_prefix(std::min(end + 1, rest_.size()));
    }
    return found_ ? std::optional(std::move(done_)) : std::nullopt;
  }

 private:
  struct Found {
    std::size_t size = 0;
    bool next = false;
  };

  void hide(std::string_view secret) {
    found_ = true;
    done_ += kBegin;
    if (!mask_.key_.empty()) {
      std::string bytes = mask_.key_;
      bytes += secret;
      done_ += ':';
      done_ +=
          schema::to_hex(schema::from_bytes<32>(schema::sha256(bytes)).value()).substr(0, kShown);
    }
    done_ += '>';
  }

  [[nodiscard]] bool is_secret_name(std::string_view name) const {
    const std::string plain = plain_name(name);
    const std::size_t last = plain.rfind('-');
    const std::string_view end = std::string_view(plain).substr(last == plain.npos ? 0 : last + 1);
    if (std::find(kPlaces.begin(), kPlaces.end(), end) != kPlaces.end()) {
      return false;
    }
    const auto& names = mask_.rules_.names;
    return std::any_of(names.begin(), names.end(), [&](const std::string& words) {
      return has_words(plain, words);
    });
  }

  // True: the next argument is a secret.
  bool take_argument(std::string_view argument) {
    if (const auto option = find_option(argument)) {
      return take_option(argument, *option);
    }
    bool next = false;
    while (!argument.empty()) {
      const std::size_t blanks = std::min(argument.find_first_not_of(kBlanks), argument.size());
      done_ += argument.substr(0, blanks);
      argument.remove_prefix(blanks);
      const std::string_view word = argument.substr(0, value_size(argument));
      if (const auto option = next ? std::nullopt : find_option(word)) {
        next = take_option(word, *option);
        argument.remove_prefix(word.size());
        continue;
      }
      note_program(word);
      next = take_word(argument, next);
    }
    return next;
  }

  bool take_option(std::string_view word, const Found& option) {
    done_ += word.substr(0, option.size);
    const std::string_view value = word.substr(option.size);
    if (value.empty()) {
      return option.next;
    }
    hide(value);
    return false;
  }

  // Behind sudo, env or within what a shell is told: the options that follow are its own.
  void note_program(std::string_view word) {
    const std::string_view name = schema::base_name(word);
    const auto& rules = mask_.rules_.options;
    const auto rule = rules.lower_bound({std::string(name), "", false});
    if (rule != rules.end() && rule->program == name) {
      program_ = name;
    }
  }

  [[nodiscard]] std::optional<Found> find_option(std::string_view argument) const {
    for (const MaskRules::Option& rule : mask_.rules_.options) {
      if (rule.program != program_ || !argument.starts_with(rule.option)) {
        continue;
      }
      const bool is_long = rule.option.starts_with("--") || rule.option.size() > 2;
      const std::string_view value = argument.substr(rule.option.size());
      if (is_long && rule.option.front() == '-' && !value.empty()) {
        if (value.front() != '=') {
          continue;
        }
        return Found{rule.option.size() + 1, rule.next};
      }
      return Found{rule.option.size(), rule.next};
    }
    return std::nullopt;
  }

  // A value up to its end: to the closing quote, or to the blank.
  static std::size_t value_size(std::string_view text) {
    if (!text.empty() && (text.front() == '\'' || text.front() == '"')) {
      const std::size_t close = text.find(text.front(), 1);
      return close == text.npos ? text.size() : close + 1;
    }
    return std::min(text.find_first_of(" \t\n;|"), text.size());
  }

  // A word of an argument; `next`: the one before it in the same argument asked for it. True: it
  // asks for what follows.
  bool take_word(std::string_view& argument, bool next) {
    if (next && argument.front() != '-') {
      const std::size_t size = value_size(argument);
      const std::string_view value = argument.substr(0, size);
      const std::string_view scheme = plain_scheme(value);
      argument.remove_prefix(size);
      if (!scheme.empty()) {
        done_ += scheme;
        return true;  // "Authorization: Bearer SECRET"
      }
      hide(value);
      return false;
    }
    const std::size_t dashes =
        std::min<std::size_t>(argument.find_first_not_of("-'\""), argument.size());
    std::size_t end = dashes;
    while (end < argument.size() && is_name_letter(argument[end])) {
      ++end;
    }
    std::string_view name = argument.substr(dashes, end - dashes);
    const bool is_option = dashes > 0 && argument.front() == '-';
    if (is_option && dashes == 1 && name.starts_with('D')) {
      name.remove_prefix(1);  // a property of java
    }
    const char after = end < argument.size() ? argument[end] : '\0';
    if (!name.empty() && (after == '=' || after == ':') &&
        !argument.substr(end).starts_with("://") && is_secret_name(name)) {
      done_ += argument.substr(0, end + 1);
      argument.remove_prefix(end + 1);
      if (after == ':' && (argument.empty() || kBlanks.find(argument.front()) != kBlanks.npos)) {
        return true;  // a header
      }
      const std::size_t size = value_size(argument);
      if (size > 0) {
        hide(argument.substr(0, size));
      }
      argument.remove_prefix(size);
      return false;
    }
    const std::size_t size = std::min(argument.find_first_of(kBlanks), argument.size());
    const bool whole = size == end;
    take_plain(argument.substr(0, size));
    argument.remove_prefix(size);
    return is_option && whole && name.size() > 2 && is_secret_name(name);
  }

  static std::string_view plain_scheme(std::string_view value) {
    for (const std::string_view scheme : {"Bearer", "Basic", "Token", "bearer", "basic", "token"}) {
      if (value == scheme) {
        return value;
      }
    }
    return {};
  }

  // URLs: who logs in, and what stands behind names in their questions.
  void take_plain(std::string_view word) {
    for (std::size_t scheme = word.find("://"); scheme != word.npos; scheme = word.find("://")) {
      const std::size_t host = scheme + 3;
      const std::size_t end = std::min(word.find_first_of("/?#'\"", host), word.size());
      const std::size_t at = word.substr(0, end).rfind('@');
      done_ += word.substr(0, host);
      word.remove_prefix(host);
      if (at == std::string_view::npos || at < host) {
        continue;
      }
      const std::string_view who = word.substr(0, at - host);
      const std::size_t colon = who.find(':');
      if (colon != who.npos) {
        done_ += who.substr(0, colon + 1);
        hide(who.substr(colon + 1));
      } else if (who.size() >= kLeastToken) {
        hide(who);
      } else {
        done_ += who;
      }
      word.remove_prefix(who.size());
    }
    take_questions(word);
  }

  void take_questions(std::string_view word) {
    while (!word.empty()) {
      const std::size_t begin = word.find_first_of("?&");
      if (begin == word.npos) {
        done_ += word;
        return;
      }
      done_ += word.substr(0, begin + 1);
      word.remove_prefix(begin + 1);
      const std::size_t equals = word.find_first_of("=?&");
      if (equals == word.npos || word[equals] != '=' || !is_secret_name(word.substr(0, equals))) {
        continue;
      }
      done_ += word.substr(0, equals + 1);
      word.remove_prefix(equals + 1);
      const std::size_t size = std::min(word.find_first_of("&#'\""), word.size());
      hide(word.substr(0, size));
      word.remove_prefix(size);
    }
  }

  const Mask& mask_;
  std::string_view rest_;
  std::string program_;
  std::string done_;
  bool found_ = false;
};

std::optional<std::string> Mask::apply(std::string_view line) const {
  return Masking(*this, line).run();
}

std::string without_hashes(std::string_view line) {
  std::string plain;
  for (std::size_t at = line.find(kBegin); at != line.npos; at = line.find(kBegin)) {
    plain += line.substr(0, at + kBegin.size());
    line.remove_prefix(at + kBegin.size());
    const bool hashed = line.size() > kShown + 1 && line.front() == ':' && line[kShown + 1] == '>';
    line.remove_prefix(hashed ? kShown + 1 : 0);
  }
  return plain += line;
}

}  // namespace sockwitness::recorder
