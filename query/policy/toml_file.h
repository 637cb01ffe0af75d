// A TOML file, parsed.
//
// In:    the name of a file for messages, and its bytes.
// Out:   its root table; where each value stands.
// Never: half a file: whatever is no TOML is an error with its line and column.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <toml++/impl/forward_declarations.h>

namespace sockwitness::query {

class TomlTable;

struct TomlPlace {
  std::uint32_t line = 1;
  std::uint32_t column = 1;

  friend auto operator<=>(const TomlPlace&, const TomlPlace&) = default;
};

class TomlFile {
 public:
  // Throws schema::Error (Usage).
  TomlFile(std::string source, std::string_view text);
  TomlFile(const TomlFile&) = delete;
  TomlFile& operator=(const TomlFile&) = delete;
  ~TomlFile();

  // The file must outlive it.
  [[nodiscard]] TomlTable root() const;
  [[nodiscard]] const std::string& source() const { return source_; }
  // The line on which the content of a text value begins.
  [[nodiscard]] std::uint32_t content_line(const toml::node& text) const;

 private:
  std::string source_;
  std::string text_;
  std::unique_ptr<const toml::table> root_;
};

[[nodiscard]] TomlPlace toml_place_of(const toml::source_region& region);

}  // namespace sockwitness::query
