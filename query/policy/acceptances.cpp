#include "query/policy/acceptances.h"

namespace sockwitness::query {
namespace {

constexpr std::int64_t kLastPort = 65535;
constexpr std::int64_t kLastUid = 4294967295;

FindingAcceptance read_acceptance(const TomlTable& table) {
  table.expect_keys({"rule", "program", "port", "user", "reason", "until"});
  FindingAcceptance acceptance;
  acceptance.rule = table.required_text("rule");
  acceptance.reason = table.required_text("reason");
  acceptance.program = table.text("program");
  if (acceptance.program && !acceptance.program->starts_with('/')) {
    throw table.refuse("program",
                       "program is no absolute path",
                       "name the file, as \"/usr/bin/ncat\"; \"/opt/*/agent\" stands for several");
  }
  if (const auto port = table.integer("port", 0, kLastPort)) {
    acceptance.port = schema::Port(static_cast<std::uint16_t>(*port));
  }
  if (const auto user = table.integer_or_text("user")) {
    const auto* number = std::get_if<std::int64_t>(&*user);
    if (number != nullptr && (*number < 0 || *number > kLastUid)) {
      throw table.refuse("user", "user is no user id");
    }
    acceptance.user = number != nullptr ? std::to_string(*number) : std::get<std::string>(*user);
  }
  acceptance.until = table.date("until");
  acceptance.line = table.place().line;
  return acceptance;
}

}  // namespace

std::vector<FindingAcceptance> read_acceptances(const TomlTable& policy) {
  std::vector<FindingAcceptance> acceptances;
  for (const TomlTable& table : policy.tables("accept")) {
    acceptances.push_back(read_acceptance(table));
  }
  return acceptances;
}

}  // namespace sockwitness::query
