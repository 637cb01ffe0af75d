#include <memory>

#include <fmt/format.h>

#include "query/app/command.h"
#include "query/app/environment.h"
#include "query/app/output.h"
#include "query/app/verify_options.h"
#include "query/app/watch.h"
#include "query/report/answers/verify_report.h"
#include "query/seal/sealed_check.h"
#include "query/terminal/interruption.h"
#include "query/terminal/output_file.h"
#include "query/verify/verifier.h"
#include "schema/chain/hex_bytes.h"

namespace sockwitness::query {
namespace {

using schema::ExitCode;

constexpr const char* kVerifyExamples =
    "examples:\n"
    "  sockwitness verify --key enrolment.txt      with what 'sockwitness-recorder keys' printed "
    "at "
    "the begin\n"
    "  sockwitness verify evidence --key enrolment.txt   a folder that 'sockwitness seal' made\n"
    "  sockwitness verify --anchors /var/log/remote/web1.log\n"
    "  sockwitness verify --tsq head.tsq           to be sent: curl --data-binary @head.tsq \\\n"
    "      -H 'Content-Type: application/timestamp-query' -o head.tsr URL-OF-AN-AUTHORITY\n"
    "  sockwitness verify --tsr head.tsr --tsa-ca authority.pem\n"
    "  sockwitness verify --strict                 exit 4 unless all of it is authenticated and "
    "anchored\n"
    "\n"
    "What holds is said by what you bring along:\n"
    "  nothing        consistent in itself; replacement and rollback are not excluded\n"
    "  --key FILE     and made by the recorder whose first key you kept\n"
    "  --anchors FILE and nothing up to the last anchor was cut off or put back. Lines "
    "'sockwitness-anchor …'\n"
    "                 of a log, or JSON Lines with archive, head and record or seq\n"
    "  --tsr FILE     and that an authority saw the head at a time: its clock, not the host's\n"
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
  std::string sealed;
  KeptElsewhere kept;
  std::string query;
  bool strict = false;
};

ExitCode code_of(const Verdict& verdict, const VerifyOptions& options) {
  if (verdict.result != Verdict::Result::Intact) {
    return ExitCode::Unusable;
  }
  const bool proven = verdict.authenticated() && verdict.anchored();
  return options.strict && !proven ? ExitCode::Incomplete : ExitCode::Clean;
}

// What an authority is asked to stamp is the head of a chain that is as it was signed.
void write_query(const VerifyOptions& options, const Verdict& verdict) {
  const auto head = schema::from_hex<32>(verdict.head);
  if (verdict.result != Verdict::Result::Intact || !head) {
    throw schema::Error(
        ExitCode::Unusable,
        fmt::format("writing '{}': the chain is not intact, so its head is not worth a stamp",
                    options.query),
        "see: sockwitness verify");
  }
  OutputFile file(options.query, OutputFile::Existing::Refuse, options.sealed);
  file.write(schema::encode_stamp_query(*head));
  file.complete();
  LastSteps last;
  file.finish();
}

ExitCode run_verify(const GlobalOptions& global, const VerifyOptions& options) {
  Watch watch("verifying records");
  const Verdict verdict = options.sealed.empty() ? verify({find_database(global),
                                                           options.kept.keys,
                                                           options.kept.anchors,
                                                           options.kept.stamps,
                                                           watch.on_progress()})
                                                 : verify_sealed({options.sealed,
                                                                  options.kept.keys,
                                                                  options.kept.anchors,
                                                                  options.kept.stamps,
                                                                  watch.on_progress()});
  watch.clear();
  if (!options.query.empty()) {
    write_query(options, verdict);
  }
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
  verify.add_option(
      "sealed", options->sealed, "DIR", "what 'sockwitness seal' made, instead of a database");
  add_kept_elsewhere(verify, options->kept);
  verify.add_option(
      "--tsq", options->query, "FILE", "write what such an authority is asked: to stamp the head");
  verify.add_flag(
      "--strict", options->strict, "exit 4 when it is not authenticated and anchored to its end");
  verify.set_footer(kVerifyExamples);
  return [options](const GlobalOptions& global) { return run_verify(global, *options); };
}

}  // namespace sockwitness::query
