#include "query/analysis/acceptance.h"

#include <fnmatch.h>

#include <algorithm>

#include <fmt/format.h>

#include "query/analysis/policy.h"
#include "schema/base/escape.h"
#include "schema/base/scan.h"

namespace sockwitness::query {
namespace {

using schema::Process;

constexpr std::string_view kPatternLetters = "*?[";

bool matches_path(const std::string& wanted, const std::string& path) {
  if (path.empty()) {
    return false;
  }
  const bool pattern = wanted.find_first_of(kPatternLetters) != std::string::npos;
  // A star stays within one directory: a new folder below an accepted one is a new case.
  return pattern ? fnmatch(wanted.c_str(), path.c_str(), FNM_PATHNAME) == 0 : wanted == path;
}

bool matches_program(const std::string& wanted,
                     const schema::SnapshotView& view,
                     const Process& process) {
  const schema::Program* program = view.program(process);
  return matches_path(wanted, process.script) ||
         (program != nullptr && matches_path(wanted, program->path));
}

bool matches_user(const std::string& wanted, const schema::SnapshotView& view, schema::Uid uid) {
  return view.is_named(uid, wanted) || schema::parse_number<std::uint32_t>(wanted) == uid.value();
}

// What covers this path and no other one: itself, or a pattern where it holds letters of patterns
// or bytes that TOML cannot write.
std::string pattern_for(std::string_view path) {
  const bool plain = schema::is_utf8(path);
  if (plain && path.find_first_of(kPatternLetters) == std::string_view::npos) {
    return std::string(path);
  }
  std::string pattern;
  for (const char character : path) {
    if (!plain && static_cast<unsigned char>(character) >= 0x80) {
      pattern += '?';
      continue;
    }
    const bool special =
        character == '\\' || kPatternLetters.find(character) != std::string_view::npos;
    pattern.append(special ? "\\" : "").push_back(character);
  }
  return pattern;
}

// A basic string of TOML. Source: TOML 1.0.0, "String".
std::string toml_text(std::string_view utf8) {
  std::string text = "\"";
  for (const char character : utf8) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte < 0x20 || byte == 0x7f) {
      text += fmt::format("\\u{:04X}", byte);
      continue;
    }
    text.append(character == '"' || character == '\\' ? "\\" : "").push_back(character);
  }
  return text + '"';
}

bool names(const Rule& rule, std::string_view part) {
  return std::find(rule.accept.begin(), rule.accept.end(), part) != rule.accept.end();
}

}  // namespace

bool covers(const FindingAcceptance& acceptance, const HostView& host, const Match& match) {
  if (acceptance.rule != match.rule->id) {
    return false;
  }
  const schema::SnapshotView& view = host.view();
  if (acceptance.program &&
      !(match.process &&
        matches_program(*acceptance.program, view, view.process(*match.process)))) {
    return false;
  }
  if (acceptance.user &&
      !(match.process &&
        matches_user(*acceptance.user, view, view.process(*match.process).effective_uid))) {
    return false;
  }
  return !acceptance.port ||
         (match.socket && host.meaningful_port(*match.socket) == acceptance.port);
}

bool is_expired(const FindingAcceptance& acceptance, schema::WallTime at) {
  return acceptance.until && at > end_of_day(*acceptance.until);
}

const FindingAcceptance* find_acceptance(std::span<const FindingAcceptance> acceptances,
                                         const HostView& host,
                                         const Match& match,
                                         schema::WallTime at) {
  const FindingAcceptance* expired = nullptr;
  for (const FindingAcceptance& acceptance : acceptances) {
    if (!covers(acceptance, host, match)) {
      continue;
    }
    if (!is_expired(acceptance, at)) {
      return &acceptance;
    }
    expired = expired == nullptr ? &acceptance : expired;
  }
  return expired;
}

std::string acceptance_text(const HostView& host, const Match& match) {
  const Rule& rule = *match.rule;
  std::string text = fmt::format("[[accept]]\nrule = {}\n", toml_text(rule.id));
  if (match.process) {
    const schema::SnapshotView& view = host.view();
    const Process& process = view.process(*match.process);
    const schema::Program* program = view.program(process);
    const std::string& path =
        process.script.starts_with('/') || program == nullptr ? process.script : program->path;
    if (names(rule, "program") && !path.empty()) {
      text += fmt::format("program = {}\n", toml_text(pattern_for(path)));
    }
    if (names(rule, "user")) {
      const auto name = view.user_name(process.effective_uid);
      text += fmt::format("user = {}\n",
                          name && schema::is_utf8(*name)
                              ? toml_text(*name)
                              : std::to_string(process.effective_uid.value()));
    }
  }
  const auto port = match.socket ? host.meaningful_port(*match.socket) : std::nullopt;
  if (names(rule, "port") && port) {
    text += fmt::format("port = {}\n", port->value());
  }
  return text + "reason = \"\"\n";
}

}  // namespace sockwitness::query
