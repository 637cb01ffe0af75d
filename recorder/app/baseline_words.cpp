#include "recorder/app/baseline_words.h"

#include <CLI/CLI.hpp>

#include "schema/clock/time_spec.h"
#include "schema/view/endpoint_pattern.h"

namespace sockwitness::recorder {
namespace {

using Act = BaselineOptions::Act;

constexpr const char* kExamples =
    "examples:\n"
    "  sockwitness-recorder baseline add gold                    the latest snapshot\n"
    "  sockwitness-recorder baseline add gold --at 'today 09:00' --note 'after the audit'\n"
    "  sockwitness-recorder baseline add october --from 2026-10-01 --to 2026-11-01 --min-share 5%\n"
    "  sockwitness-recorder baseline accept gold tcp/8080 --reason 'shop, OPS-1412' "
    "--until 2027-01-01\n"
    "  sockwitness-recorder baseline list\n"
    "  sockwitness-recorder baseline drop gold --note 'replaced by october'\n"
    "\n"
    "then: sockwitness diff --baseline gold\n";

CLI::App* add_act(
    CLI::App& parent, BaselineOptions& options, Act act, const char* name, const char* help) {
  CLI::App* command = parent.add_subcommand(name, help);
  command->callback([&options, act] { options.act = act; });
  return command;
}

void add_name(CLI::App& command, BaselineOptions& options) {
  command.add_option("NAME", options.name, "of the baseline")->required();
}

}  // namespace

CLI::App* add_baseline(CLI::App& app, BaselineOptions& options) {
  CLI::App* baseline =
      app.add_subcommand("baseline", "name what is expected: add, accept, list, drop");
  baseline->require_subcommand(0, 1);
  baseline->fallthrough();
  baseline->footer(std::string(schema::time_grammar()) + "\n\n" + kExamples);
  baseline->add_flag("--utc", options.utc, "read times on the command line as UTC");

  CLI::App* add =
      add_act(*baseline, options, Act::Add, "add", "the services of one snapshot, or of a range");
  add_name(*add, options);
  CLI::Option* at =
      add->add_option("--at", options.at, "the snapshot at or before T; default: the latest")
          ->type_name("T");
  CLI::Option* from = add->add_option("--from", options.from, "all services seen from here on")
                          ->type_name("T")
                          ->excludes(at);
  add->add_option("--to", options.to, "up to here; default: the latest")
      ->type_name("T")
      ->needs(from);
  add->add_option("--min-share",
                  options.least_share,
                  "leave out services that fewer of a hundred snapshots have")
      ->type_name("PERCENT")
      ->needs(from);
  add->add_option("--note", options.note, "words to keep with it")->type_name("TEXT");

  CLI::App* accept = add_act(
      *baseline, options, Act::Accept, "accept", "add what a snapshot shows at one endpoint");
  add_name(*accept, options);
  accept->add_option("THING", options.thing, "tcp/8080, udp/53, /run/x.sock, rpc/100024, …")
      ->required();
  accept->add_option("--reason", options.reason, "why it is expected")
      ->type_name("TEXT")
      ->required();
  accept->add_option("--until", options.until, "when the acceptance ends; default: never")
      ->type_name("T");
  accept->add_option("--at", options.at, "the snapshot that shows it; default: the latest")
      ->type_name("T");
  accept->footer(std::string(schema::endpoint_grammar()) + "\n");

  add_act(*baseline, options, Act::List, "list", "the baselines there are");

  CLI::App* drop = add_act(*baseline,
                           options,
                           Act::Drop,
                           "drop",
                           "it is not to be used any more; the record of it stays");
  add_name(*drop, options);
  drop->add_option("--note", options.note, "why")->type_name("TEXT");
  return baseline;
}

}  // namespace sockwitness::recorder
