// Secrets among the arguments of a program: found by the names that stand before them, and replaced
// by what is equal where they are equal.
//
// In:    a command line as the kernel has it, the rules, a key.
// Out:   the command line with "<masked:0123456789ab>" in their place: the first 48 bits of SHA-256
//        over the key and the secret.
// Never: a word that no rule names; the hash of a secret without a key, which could be guessed.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace sockwitness::recorder {

struct MaskRules {
  // Of options, variables and headers, in small letters with '-' between words: what holds one of
  // them as a word ("db-password", "API_TOKEN", "X-Api-Key") has a secret after it.
  std::set<std::string, std::less<>> names;
  // Of single programs: "mysql -p" takes the rest of the argument, "curl -u" the next one as well.
  struct Option {
    std::string program;
    std::string option;
    bool next = false;  // also the argument after it, where nothing follows in the same one
    friend auto operator<=>(const Option&, const Option&) = default;
  };
  std::set<Option> options;
};

// What masks without a file of one's own.
[[nodiscard]] MaskRules default_mask_rules();
// Adds "name WORD" and "option PROGRAM -X" lines, '#' begins a comment; "only" as the first word of
// a file leaves the others out. Nothing: the number of the line that is none.
struct MaskFileFlaw {
  std::size_t line = 0;
};
[[nodiscard]] std::optional<MaskFileFlaw> read_mask_rules(std::string_view text, MaskRules& rules);

class Mask {
 public:
  // `key`: 32 random bytes; empty: equal secrets look like others, too.
  Mask(MaskRules rules, std::string key) : rules_(std::move(rules)), key_(std::move(key)) {}

  // Arguments end in NUL. Nothing: there is no secret in it.
  [[nodiscard]] std::optional<std::string> apply(std::string_view line) const;

 private:
  friend class Masking;
  MaskRules rules_;
  std::string key_;
};

// The line without what tells secrets apart: equal for one that was masked by another key.
[[nodiscard]] std::string without_hashes(std::string_view line);

}  // namespace sockwitness::recorder
