#include <memory>

#include "query/app/command.h"
#include "query/app/environment.h"
#include "query/app/output.h"
#include "query/app/watch.h"
#include "query/report/answers/verify_report.h"
#include "query/verify/verifier.h"

namespace sockwitness::query {
namespace {

using schema::ExitCode;

constexpr const char* kExamples =
    "examples:\n"
    "  sockwitness verify --key enrolment.txt      with what 'sockwitness-recorder keys' printed "
    "at "
    "the begin\n"
    "  sockwitness verify --anchors /var/log/remote/web1.log\n"
    "  sockwitness verify --strict                 exit 4 unless all of it is authenticated and "
    "anchored\n"
    "\n"
    "What holds is said by what you bring along:\n"
    "  nothing        consistent in itself; replacement and rollback are not excluded\n"
    "  --key FILE     and made by the recorder whose first key you kept\n"
    "  --anchors FILE and nothing up to the last anchor was cut off or put back. Lines "
    "'sockwitness-anchor …'\n"
    "                 of a log, or JSON Lines with archive, head and record or seq\n"
    "Keys and anchors that lie beside the file are used without being asked for.\n"
    "\n"
    "What root can do from some moment on: stop the recorder, tell it lies, forge records from "
    "then "
    "on, put file\n"
    "and keys back together (only an anchor elsewhere shows that), change the program that "
    "verifies: "
    "verify\n"
    "elsewhere.\n"
    "\n"
    "exit codes: 0 intact, 2 usage, 3 altered, unsigned or unreadable (the answer says which), 4 "
    "under --strict:\n"
    "            intact, but not authenticated or anchored to its end, 130 interrupted\n";

struct VerifyOptions {
  std::vector<std::string> keys;
  std::vector<std::string> anchors;
  bool strict = false;
};

ExitCode code_of(const Verdict& verdict, const VerifyOptions& options) {
  if (verdict.result != Verdict::Result::Intact) {
    return ExitCode::Unusable;
  }
  const bool proven = verdict.authenticated() && verdict.anchored();
  return options.strict && !proven ? ExitCode::Incomplete : ExitCode::Clean;
}

ExitCode run_verify(const GlobalOptions& global, const VerifyOptions& options) {
  Watch watch("verifying records");
  const Verdict verdict =
      verify({find_database(global), options.keys, options.anchors, watch.on_progress()});
  watch.clear();
  write_answer(
      global,
      [&] { return build_verify(verdict); },
      [&] { return lay_out_verify(verdict, read_clock_face(global)); });
  return code_of(verdict, options);
}

}  // namespace

Action add_verify(schema::Command program) {
  const auto options = std::make_shared<VerifyOptions>();
  const schema::Command verify = program.add_command(
      "verify", "is this evidence intact, from where to where, and how do we know");
  verify.add_list("--key", options->keys, "FILE", "a key that was kept elsewhere");
  verify.add_list("--anchors", options->anchors, "FILE", "anchors that were kept elsewhere");
  verify.add_flag(
      "--strict", options->strict, "exit 4 when it is not authenticated and anchored to its end");
  verify.set_footer(kExamples);
  return [options](const GlobalOptions& global) { return run_verify(global, *options); };
}

}  // namespace sockwitness::query
