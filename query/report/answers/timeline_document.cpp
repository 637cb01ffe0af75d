#include "query/report/answers/timeline_report.h"
#include "query/report/answers/when_gaps.h"
#include "query/report/records/bracket_words.h"
#include "query/report/records/chronicle_words.h"
#include "query/report/records/records.h"
#include "schema/base/escape.h"
#include "schema/view/services.h"

namespace sockwitness::query {
namespace {

using schema::Seen;
using schema::SeqRange;

Seen seen_of(const Moments& moments, const SeqRange& seen) {
  return {moments.wall(seen.first), moments.wall(seen.last), seen};
}

Value service_or_null(const std::shared_ptr<const schema::Service>& service) {
  return service ? service_value(*service) : Value();
}

Value program_value(const schema::Program& program) {
  return Value::Object{
      {"path", program.path},
      {"sha256", program.sha256.empty() ? Value() : Value(schema::hex(program.sha256))},
      {"size", program.size},
      {"package", text_or_null(program.package)},
      {"package_version", text_or_null(program.package_version)},
      {"package_state", schema::verdict_word(program.verdict)},
      {"file_state", schema::file_state_word(program.state)}};
}

Value process_value(const SharedEventSnapshot& event_snapshot, schema::ProcessIndex index) {
  const schema::SnapshotView& view = event_snapshot->view();
  return owner_value(schema::owner_of(view, view.process(index)));
}

// What an event is about, by its sort.
class Members {
 public:
  Members(const TimelineInput& input, Value::Object& object) : input_(input), object_(object) {}

  // Nothing, and what only exports have.
  template <class Other>
  void operator()(const Other&) {}

  void operator()(const ListenerFacts& facts) {
    const schema::SnapshotView& view = facts.event_snapshot->view();
    const ListedSocket row{facts.socket, view.holders(facts.socket), std::nullopt, std::nullopt};
    object_.push_back({"socket", socket_value(view, row, input_.names)});
    object_.push_back({"service", service_value(*facts.now)});
    object_.push_back({"before", service_or_null(facts.before)});
  }

  void operator()(const ConnectionFacts& facts) {
    const schema::SnapshotView& view = facts.event_snapshot->view();
    const ListedSocket row{facts.socket,
                           view.holders(facts.socket),
                           facts.direction,
                           seen_of(input_.moments, facts.seen)};
    object_.push_back({"socket", socket_value(view, row, input_.names)});
  }

  void operator()(const ProcessFacts& facts) {
    object_.push_back({"process", process_value(facts.event_snapshot, facts.process)});
    object_.push_back({"before",
                       facts.event_snapshot_before
                           ? process_value(facts.event_snapshot_before, facts.before)
                           : Value()});
    object_.push_back({"first_seen", moment_value(input_.moments, facts.seen.first)});
    object_.push_back({"last_seen", moment_value(input_.moments, facts.seen.last)});
  }

  void operator()(const ProgramFacts& facts) {
    object_.push_back({"program", program_value(facts.after)});
    object_.push_back({"before", program_value(facts.before)});
  }

  void operator()(const ChronicleEvent& event) {
    for (Member& member : chronicle_members(event, input_.missed)) {
      object_.push_back(std::move(member));
    }
  }

  void operator()(const CoverageGap& gap) {
    object_.push_back({"gap", unread_text(gap).text()});
    object_.push_back({"netns", text_or_null(gap.netns)});
  }

  void operator()(const BaselineFacts& facts) {
    object_.push_back({"baseline", facts.name});
    object_.push_back({"thing", text_or_null(facts.thing)});
    object_.push_back({"note", text_or_null(facts.note)});
    object_.push_back({"user", text_or_null(facts.user)});
    object_.push_back({"at", time_value(facts.at)});
  }

 private:
  const TimelineInput& input_;
  Value::Object& object_;
};

}  // namespace

Document build_timeline(const TimelineInput& input) {
  Document document;
  document.format = "sockwitness.timeline/1";
  document.head = {{"query", text_or_null(input.query)},
                   {"host", input.host},
                   {"looked", looked_value(input.moments, input.searched)},
                   {"note", text_or_null(input.note)}};
  document.rows_key = "events";
  document.row_format = "sockwitness.event/1";
  document.columns = words(
      "time seq kind not_before not_before_seq socket.protocol socket.local_address "
      "socket.local_port socket.remote_address socket.remote_port socket.path socket.netns "
      "socket.direction socket.holders.pid socket.holders.name socket.holders.program "
      "socket.holders.script socket.holders.user socket.holders.unit socket.no_holder_reason "
      "process.pid process.parent process.name process.program process.script "
      "process.command_line process.user process.unit before.name before.program "
      "before.owners.name before.owners.program program.path program.sha256 before.sha256 "
      "seconds cause missed_kind count reason gap baseline thing note user");
  return document;
}

Value event_value(const TimelineInput& input, const TimelineEvent& event) {
  Value::Object object{{"time", moment_value(input.moments, event.seq)},
                       {"seq", seq_value(event.seq)},
                       {"kind", event_kind_word(event.kind)},
                       {"not_before", moment_value(input.moments, event.not_before)},
                       {"not_before_seq", seq_value(event.not_before)}};
  std::visit(Members(input, object), event.what);
  return object;
}

}  // namespace sockwitness::query
