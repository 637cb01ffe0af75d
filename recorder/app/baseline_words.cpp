#include "recorder/app/baseline_words.h"

#include "schema/program/time_spec.h"
#include "schema/view/endpoint_pattern.h"

namespace sockwitness::recorder {
namespace {

using Act = BaselineOptions::Act;

constexpr const char* kBaselineWordsExamples =
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

schema::Command add_act(
    schema::Command parent, BaselineOptions& options, Act act, const char* name, const char* help) {
  const schema::Command command = parent.add_command(name, help);
  command.on_named([&options, act] { options.act = act; });
  return command;
}

void add_name(schema::Command command, BaselineOptions& options) {
  command.add_option("NAME", options.name, "TEXT", "of the baseline").required();
}

}  // namespace

schema::Command add_baseline(schema::Command program, BaselineOptions& options) {
  const schema::Command baseline =
      program.add_command("baseline", "name what is expected: add, accept, list, drop");
  baseline.take_one_command();
  baseline.set_footer(std::string(schema::time_grammar()) + "\n\n" + kBaselineWordsExamples);
  baseline.add_flag("--utc", options.utc, "read times on the command line as UTC");

  const schema::Command add =
      add_act(baseline, options, Act::Add, "add", "the services of one snapshot, or of a range");
  add_name(add, options);
  const schema::Option at =
      add.add_option("--at", options.at, "T", "the snapshot at or before T; default: the latest");
  const schema::Option from =
      add.add_option("--from", options.from, "T", "all services seen from here on").excludes(at);
  add.add_option("--to", options.to, "T", "up to here; default: the latest").needs(from);
  add.add_option("--min-share",
                 options.least_share,
                 "PERCENT",
                 "leave out services that fewer of a hundred snapshots have")
      .needs(from);
  add.add_option("--note", options.note, "TEXT", "words to keep with it");

  const schema::Command accept = add_act(
      baseline, options, Act::Accept, "accept", "add what a snapshot shows at one endpoint");
  add_name(accept, options);
  accept.add_option("THING", options.thing, "TEXT", "tcp/8080, udp/53, /run/x.sock, rpc/100024, …")
      .required();
  accept.add_option("--reason", options.reason, "TEXT", "why it is expected").required();
  accept.add_option("--until", options.until, "T", "when the acceptance ends; default: never");
  accept.add_option("--at", options.at, "T", "the snapshot that shows it; default: the latest");
  accept.set_footer(std::string(schema::endpoint_grammar()) + "\n");

  add_act(baseline, options, Act::List, "list", "the baselines there are");

  const schema::Command drop = add_act(baseline,
                                       options,
                                       Act::Drop,
                                       "drop",
                                       "it is not to be used any more; the record of it stays");
  add_name(drop, options);
  drop.add_option("--note", options.note, "TEXT", "why");
  return baseline;
}

}  // namespace sockwitness::recorder
