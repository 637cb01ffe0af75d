#include "query/analysis/findings/ground.h"

#include <fmt/format.h>

#include "schema/model/snapshot.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

using schema::PackageVerdict;
using schema::Process;
using schema::Program;
using schema::Socket;

int steps(Severity severity) {
  return static_cast<int>(severity);
}

class Circumstances {
 public:
  void speaks_for(std::string words) { all_.push_back({0, false, std::move(words)}); }
  void speaks_against(std::string words) { all_.push_back({0, true, std::move(words)}); }
  [[nodiscard]] std::vector<Ground> take() { return std::move(all_); }

 private:
  std::vector<Ground> all_;
};

void add_file(Circumstances& all, std::string_view what, const Program& program) {
  switch (program.verdict) {
    case PackageVerdict::Matches:
      all.speaks_against(
          fmt::format("{} is unaltered, of {} {}", what, program.package, program.package_version));
      break;
    case PackageVerdict::NotOwned:
      all.speaks_for(fmt::format("no package owns {}", what));
      break;
    case PackageVerdict::Differs:
      all.speaks_for(fmt::format("{} differs from what {} installed", what, program.package));
      break;
    default:
      break;
  }
  if (program.state != schema::FileState::Present && program.state != schema::FileState::Unknown) {
    all.speaks_for(fmt::format("{} was {}", what, schema::file_state_word(program.state)));
  }
}

void add_process(Circumstances& all, const schema::SnapshotView& view, const Process& process) {
  if (const Program* program = view.program(process)) {
    add_file(all, "its program", *program);
  }
  if (const Program* script = view.script_file(process)) {
    add_file(all, "its script", *script);
  }
  if (!process.container.empty()) {
    all.speaks_against("it is in a container");
  } else if (process.unit.ends_with(".service")) {
    all.speaks_against("it belongs to " + process.unit);
  }
  if (process.tty != 0) {
    all.speaks_against("somebody has it at a terminal");
  }
  if (process.tracer) {
    all.speaks_for(fmt::format("process {} traces it", process.tracer->value()));
  }
}

void add_socket(Circumstances& all, const HostView& host, schema::SocketIndex index) {
  const Socket& socket = host.view().socket(index);
  if (!schema::is_inet(socket) || schema::is_forward(socket)) {
    return;
  }
  // A connection that stays on this host says nothing: whoever is at its other end may be joined
  // with others.
  if (schema::is_listening(socket)) {
    if (schema::is_loopback(socket)) {
      all.speaks_against("only this host reaches its port");
    } else {
      all.speaks_for("others reach its port");
    }
  }
  if (const auto seen = host.seen(index)) {
    const auto seconds =
        (host.view().snapshot().begin.wall.microseconds - seen->first.microseconds) / 1'000'000;
    if (seconds >= 7 * 86'400) {
      all.speaks_against(fmt::format("the socket has been there for {} days", seconds / 86'400));
    }
  }
}

}  // namespace

std::vector<Ground> grounds_of(const Match& match) {
  const int base = steps(match.rule->severity);
  std::vector<Ground> grounds{{base, false, match.rule->title + ": " + match.why}};
  const int moved = steps(match.severity) - base;
  if (moved != 0 || !match.moved_by.empty()) {
    grounds.push_back({moved,
                       moved <= 0,
                       match.moved_by.empty() ? fmt::format("the case: {} by the condition of {}",
                                                            severity_word(match.severity),
                                                            match.rule->id)
                                              : match.moved_by});
  }
  return grounds;
}

std::vector<Ground> circumstances_of(const Finding& finding) {
  Circumstances all;
  const schema::SnapshotView& view = finding.host().view();
  if (finding.lead().process) {
    add_process(all, view, view.process(*finding.lead().process));
  }
  if (finding.lead().socket) {
    add_socket(all, finding.host(), *finding.lead().socket);
  }
  return all.take();
}

}  // namespace sockwitness::query
