// The kind of program that a name stands for, where the kind decides how the rest is judged.
//
// In:    the base name of an executable, or of a busybox applet.
// Out:   its kind and the family it belongs to ("python" for "python3.11").
// Never: proves that a program is what it is called: the judge of content asks for its name first.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sockwitness::query {

enum class Kind : std::uint8_t {
  Shell,        // obeys lines of text
  Interpreter,  // runs what its arguments name
  Relay         // hands bytes, or a program, to whoever connects: its arguments are its behaviour
};

struct ProgramKind {
  Kind kind = Kind::Shell;
  std::string_view family;

  friend bool operator==(const ProgramKind&, const ProgramKind&) = default;
};

// A version behind the name is allowed: "python3.11", "perl5.36.0", "zsh5", "luajit-2.1".
[[nodiscard]] std::optional<ProgramKind> find_kind(std::string_view base_name);

[[nodiscard]] bool is_busybox(std::string_view base_name);

// The dynamic loader, which runs the program that it is given: "ld-linux-x86-64.so.2".
[[nodiscard]] bool is_loader(std::string_view base_name);

// "shell", "interpreter", "relay"
[[nodiscard]] std::string_view kind_word(Kind kind);

}  // namespace sockwitness::query
