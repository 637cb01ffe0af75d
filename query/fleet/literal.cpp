#include "query/fleet/literal.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "schema/base/error.h"
#include "schema/base/scan.h"
#include "schema/base/time.h"
#include "schema/model/ip.h"

namespace sockwitness::query {
namespace {

using schema::Error;
using schema::ExitCode;

struct Kind {
  ParameterKind kind;
  std::string_view word;
  std::string_view words;
};

constexpr std::array<Kind, 7> kKinds{{
    {ParameterKind::Port, "port", "a port: 1 to 65535"},
    {ParameterKind::Number, "number", "a whole number"},
    {ParameterKind::Percent, "percent", "a number: 1 or 0.5"},
    {ParameterKind::Text, "text", "any text"},
    {ParameterKind::Digest, "digest", "hexadecimal digits of a SHA-256, eight at least"},
    {ParameterKind::Address, "address", "an IPv4 or IPv6 address"},
    {ParameterKind::Time, "time", "a time: 2026-11-23T03:30:00Z"},
}};

std::optional<std::string> port(std::string_view word) {
  const auto number = schema::parse_number<std::uint16_t>(word);
  return number && *number > 0 ? std::optional(fmt::format("{}", *number)) : std::nullopt;
}

std::optional<std::string> number(std::string_view word) {
  const auto value = schema::parse_number<std::uint32_t>(word);
  return value ? std::optional(fmt::format("{}", *value)) : std::nullopt;
}

// Digits with at most one point among them: nothing else that a parser of numbers may take.
std::optional<std::string> percent(std::string_view word) {
  const bool plain =
      !word.empty() && word.size() < 20 && schema::is_digit(word.front()) &&
      schema::is_digit(word.back()) && std::count(word.begin(), word.end(), '.') <= 1 &&
      std::all_of(word.begin(), word.end(), [](char c) { return schema::is_digit(c) || c == '.'; });
  return plain ? std::optional(std::string(word)) : std::nullopt;
}

std::optional<std::string> digest(std::string_view word) {
  constexpr std::size_t kFewest = 8;
  constexpr std::size_t kAll = 64;
  std::string digits(word);
  std::transform(digits.begin(), digits.end(), digits.begin(), [](char c) {
    return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  const bool good = digits.size() >= kFewest && digits.size() <= kAll &&
                    std::all_of(digits.begin(), digits.end(), schema::is_hex_digit);
  return good ? std::optional(text_literal(digits)) : std::nullopt;
}

std::optional<std::string> address(std::string_view word) {
  const auto parsed = schema::IpAddress::parse(word);
  return parsed ? std::optional(text_literal(parsed->text())) : std::nullopt;
}

std::optional<std::string> time(std::string_view word) {
  const auto parsed = schema::parse_rfc3339(word);
  if (!parsed || parsed->microseconds < 0) {
    return std::nullopt;
  }
  return fmt::format("toDateTime({}, 'UTC')", parsed->microseconds / 1'000'000);
}

}  // namespace

std::optional<ParameterKind> parse_parameter_kind(std::string_view word) {
  for (const Kind& each : kKinds) {
    if (each.word == word) {
      return each.kind;
    }
  }
  return std::nullopt;
}

std::string_view kind_words(ParameterKind kind) {
  return std::find_if(
             kKinds.begin(), kKinds.end(), [kind](const Kind& each) { return each.kind == kind; })
      ->words;
}

// Printable ASCII as it is; every other byte, and what could end the literal, escaped.
std::string text_literal(std::string_view bytes) {
  std::string literal = "'";
  for (const char byte : bytes) {
    const auto code = static_cast<unsigned char>(byte);
    constexpr unsigned char kFirst = 0x20;
    constexpr unsigned char kLast = 0x7e;
    if (byte == '\\' || byte == '\'' || code < kFirst || code > kLast) {
      literal += fmt::format("\\x{:02X}", code);
    } else {
      literal += byte;
    }
  }
  return literal + "'";
}

std::string literal_of(ParameterKind kind, std::string_view name, std::string_view word) {
  std::optional<std::string> literal;
  switch (kind) {
    case ParameterKind::Port:
      literal = port(word);
      break;
    case ParameterKind::Number:
      literal = number(word);
      break;
    case ParameterKind::Percent:
      literal = percent(word);
      break;
    case ParameterKind::Text:
      literal = text_literal(word);
      break;
    case ParameterKind::Digest:
      literal = digest(word);
      break;
    case ParameterKind::Address:
      literal = address(word);
      break;
    case ParameterKind::Time:
      literal = time(word);
      break;
  }
  if (!literal) {
    throw Error(ExitCode::Usage,
                fmt::format("reading {} '{}': not {}", name, word, kind_words(kind)),
                "sockwitness fleet lists the questions and what they ask for");
  }
  return *literal;
}

}  // namespace sockwitness::query
