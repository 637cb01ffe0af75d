// Bytes from a host into text that is safe for one kind of output: one function per kind.
//
// In:    any bytes: names, paths, command lines, socket names.
// Out:   text that cannot drive a terminal, break a row or start a formula.
// Never: loses information: terminal text is reversible, JSON and CSV carry the exact bytes where
//        text cannot.
#pragma once

#include <string>
#include <string_view>

namespace sockwitness::schema {

// True for well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF). NUL is
// allowed.
[[nodiscard]] bool is_utf8(std::string_view bytes);

// For a terminal and for messages. C0, DEL, C1, bidi controls (U+200E/F, U+061C, U+202A-E,
// U+2066-9), U+2028/9, U+FEFF, other invisible format characters and invalid UTF-8 appear as \xNN
// per byte; a backslash is doubled.
[[nodiscard]] std::string escape_terminal(std::string_view bytes);

// The inverse of escape_terminal. Malformed escapes stay as they are.
[[nodiscard]] std::string unescape_terminal(std::string_view text);

// Of text that escape_terminal returned, for terminals without UTF-8: arrows and dots of our own in
// ASCII, every other character beyond it as the escapes of its bytes.
[[nodiscard]] std::string to_ascii(std::string_view escaped);

// Columns that a terminal needs for text that escape_terminal returned (wide and combining
// characters counted).
[[nodiscard]] std::size_t terminal_width(std::string_view escaped);

// Valid UTF-8 for a JSON string: the bytes themselves if they are UTF-8, otherwise escape_terminal
// of them (the caller then adds the base64 field). The JSON writer escapes control characters and
// non-ASCII itself.
[[nodiscard]] std::string json_text(std::string_view bytes);

// RFC 4180 cell: quoted when needed; cells that a spreadsheet would run (= + - @ TAB CR first) get
// a leading '. Bytes that are not UTF-8 or control characters appear as escape_terminal shows them.
[[nodiscard]] std::string csv_cell(std::string_view bytes);

// For the text and the quoted attributes of an HTML page: what escape_terminal shows, with the five
// characters of markup as entities. A browser shows it and runs none of it.
[[nodiscard]] std::string escape_html(std::string_view bytes);
// The entities alone, for text of our own and for what escape_terminal returned.
[[nodiscard]] std::string escape_markup(std::string_view text);

// Two lower-case digits a byte.
[[nodiscard]] std::string hex(std::string_view bytes);

// RFC 4648 section 4, with padding.
[[nodiscard]] std::string base64(std::string_view bytes);

}  // namespace sockwitness::schema
