#include <memory>

#include <fmt/format.h>

#include "query/app/command.h"
#include "query/app/output.h"
#include "query/app/rule_sources.h"
#include "query/report/answers/rules_report.h"
#include "query/rules/engine.h"
#include "query/rules/stage.h"
#include "schema/model/snapshot.h"
#include "schema/program/suggest.h"

namespace sockwitness::query {
namespace {

using schema::ExitCode;

constexpr const char* kRulesExamples =
    "examples:\n"
    "  sockwitness rules                          every rule, its severity and where it comes "
    "from\n"
    "  sockwitness rules show shell-on-network    what it looks for, and how to accept it\n"
    "  sockwitness rules --rules ./rules.d        try a folder of rules before it is installed\n"
    "\n"
    "A file of the folder adds a rule, changes keys of the rule with its id, or switches rules "
    "off:\n"
    "  disable = [\"backdoor-port\", \"new-listener\"]\n"
    "\n"
    "exit codes: 0 all can run, 1 some cannot, 2 usage\n";

struct RulesOptions {
  std::string folder;
  std::string id;
  bool show = false;
};

// Against tables without rows, and not run: what a row may say depends on the host.
std::vector<RuleFailure> try_rules(Engine& engine, const RuleBook& book) {
  const schema::Snapshot nothing;
  const HostView host(nothing, {});
  Stage stage({host});
  return engine.prepare(stage, book.rules()).failures;
}

schema::Error unknown_rule(const std::string& id, const RuleBook& book) {
  const std::string nearest = schema::nearest_word(id, book.ids());
  return {ExitCode::Usage,
          fmt::format("showing the rule '{}': there is no such rule", id),
          nearest.empty() ? "try: sockwitness rules" : fmt::format("did you mean '{}'?", nearest)};
}

ExitCode run_rules(const GlobalOptions& global, const RulesOptions& options) {
  const RuleSources sources = read_rule_sources(options.folder);
  Engine engine;
  const auto failures = try_rules(engine, sources.book);
  const std::string version = sources.book.version();
  if (options.show || !options.id.empty()) {
    const Rule* rule = sources.book.find(options.id);
    if (rule == nullptr) {
      throw unknown_rule(options.id, sources.book);
    }
    const RulesInput input{{rule, 1}, version, {}, {}};
    write_answer(
        global, [&] { return build_rules(input); }, [&] { return lay_out_rule(*rule); });
    return ExitCode::Clean;
  }
  const RulesInput input{sources.book.rules(), version, failures, sources.problems};
  write_answer(
      global, [&] { return build_rules(input); }, [&] { return lay_out_rules(input); });
  return failures.empty() && sources.problems.empty() ? ExitCode::Clean : ExitCode::Findings;
}

}  // namespace

Action add_rules(schema::Command program) {
  const auto options = std::make_shared<RulesOptions>();
  const schema::Command rules =
      program.add_command("rules", "the rules of check: list them, explain one");
  rules.add_option("--rules",
                   options->folder,
                   "DIR",
                   "a folder of rules besides our own; default: /etc/sockwitness/rules.d");
  const schema::Command show = rules.add_command("show", "all about one rule");
  show.add_option("id", options->id, "ID", "its id").required();
  rules.add_option("id", options->id, "ID", "all about this rule, as show does");
  show.set_footer("example:\n  sockwitness rules show shell-on-network\n");
  show.on_named([options] { options->show = true; });
  rules.set_footer(kRulesExamples);
  return [options](const GlobalOptions& global) { return run_rules(global, *options); };
}

}  // namespace sockwitness::query
