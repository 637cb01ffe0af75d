#include "recorder/app/retention_words.h"

#include "schema/program/time_spec.h"

namespace sockwitness::recorder {
namespace {

using Act = HoldOptions::Act;

constexpr const char* kPruneExamples =
    "examples:\n"
    "  sockwitness-recorder prune --keep 400d --dry-run         what would go, and what it frees\n"
    "  sockwitness-recorder prune --keep 400d --quiet           for cron\n"
    "  sockwitness-recorder prune --keep 400d --max-size 2G     of more than that the oldest go\n"
    "  sockwitness-recorder prune --max-size 500M --shrink      and the file becomes smaller\n"
    "  sockwitness-recorder prune --keep 400d --thin 1h after 30d\n"
    "                                                           from 30 days on one an hour stays "
    "whole\n"
    "\n"
    "  33 3 * * *  root  sockwitness-recorder prune --keep 400d --quiet      a line for "
    "/etc/cron.d\n"
    "\n"
    "Whole snapshots go, the oldest first; never the latest one, and none from the first one on "
    "that "
    "is held. Baselines\nand the records of what was done stay. A signed record says what went, "
    "and "
    "every answer tells it.\n"
    "\n"
    "--thin takes what lived between two snapshots that stay whole alone: connections, and "
    "processes "
    "without a port.\nWhat listens, who ever held it, and when anything that is left began and "
    "ended "
    "stays exact. The first snapshot\nof each step stays whole, and so do those that are held, "
    "that a "
    "baseline was made from, that have a note, and\nthose around a reboot; a question about "
    "another "
    "one is answered by the one before it that is whole.\n"
    "\n"
    "exit codes: 0 done, or there was nothing to do, 2 usage, 3 it could not be done\n";

constexpr const char* kHoldExamples =
    "examples:\n"
    "  sockwitness-recorder hold add case-17 --from 2026-10-01 --to 2026-10-03 --reason 'legal, "
    "LEG-17'\n"
    "  sockwitness-recorder hold list\n"
    "  sockwitness-recorder hold remove case-17 --reason 'settled'\n"
    "\n"
    "Nothing from the first held snapshot on is pruned, as long as it is held.\n";

schema::Command add_act(
    schema::Command parent, HoldOptions& options, Act act, const char* name, const char* help) {
  const schema::Command command = parent.add_command(name, help);
  command.on_named([&options, act] { options.act = act; });
  return command;
}

}  // namespace

RetentionCommands add_retention(schema::Command program, PruneOptions& prune, HoldOptions& hold) {
  const schema::Command remove =
      program.add_command("prune", "remove old snapshots, as a record of the chain");
  remove.add_option("--keep", prune.keep, "D", "remove what is older: 400d, 52w, 36h");
  remove.add_list("--thin",
                  prune.thin,
                  "STEP after AGE",
                  "of what is older keep one snapshot a step whole: 1h after 30d");
  remove.add_option(
      "--max-size", prune.max_size, "SIZE", "remove the oldest until no more is in use: 500M, 2G");
  remove.add_flag("--dry-run", prune.dry_run, "say what would be removed, and remove nothing");
  remove.add_flag("--shrink",
                  prune.shrink,
                  "write the file anew, so that it becomes smaller; else what is freed is filled "
                  "before the file grows");
  remove.add_flag("-q,--quiet", prune.quiet, "print nothing when all went well; for cron");
  remove.set_footer(kPruneExamples);

  const schema::Command keep =
      program.add_command("hold", "keep snapshots from being pruned: add, list, remove");
  keep.take_one_command();
  keep.set_footer(std::string(schema::time_grammar()) + "\n\n" + kHoldExamples);
  keep.add_flag("--utc", hold.utc, "read times on the command line as UTC");
  const schema::Command add = add_act(keep, hold, Act::Add, "add", "hold a range of snapshots");
  add.add_option("NAME", hold.name, "TEXT", "of the hold").required();
  add.add_option("--from", hold.from, "T", "the first snapshot: the one at or before T").required();
  add.add_option("--to", hold.to, "T", "the last one; default: the latest");
  add.add_option("--reason", hold.reason, "TEXT", "why they must stay").required();
  add_act(keep, hold, Act::List, "list", "what is held, and why");
  const schema::Command remove_hold =
      add_act(keep, hold, Act::Remove, "remove", "hold it no longer; the record of it stays");
  remove_hold.add_option("NAME", hold.name, "TEXT", "of the hold").required();
  remove_hold.add_option("--reason", hold.reason, "TEXT", "why").required();
  return {keep};
}

}  // namespace sockwitness::recorder
