#include <fmt/format.h>

#include "query/report/answers/timeline_report.h"
#include "query/report/answers/when_gaps.h"
#include "query/report/records/bracket_words.h"
#include "query/report/records/chronicle_words.h"
#include "query/report/words/socket_words.h"
#include "schema/base/escape.h"
#include "schema/model/socket.h"
#include "schema/view/owner_key.h"
#include "schema/view/relay.h"
#include "schema/view/services.h"

namespace sockwitness::query {
namespace {

SafeText comma(const std::vector<SafeText>& parts) {
  return join(parts, ", ");
}

SafeText who(const schema::Owner& owner) {
  return comma({process_text(owner),
                SafeText::host(owner.user),
                place_text(owner.unit, owner.container, owner.container_facts)});
}

// Of the file of a package, which process_text leaves out.
SafeText unsaid_path(const schema::Owner& owner) {
  return owner.program && owner.script.empty() && !names_path(owner)
             ? ", " + SafeText::host(owner.program->path)
             : SafeText();
}

SafeText owners_text(const schema::Service& service) {
  if (service.owners.empty()) {
    return nobody_text(service);
  }
  const SafeText first = who(service.owners.front());
  return service.owners.size() == 1
             ? first
             : first + SafeText::own(fmt::format(" +{}", service.owners.size() - 1));
}

SafeText content_text(const schema::Program& program) {
  if (!program.package.empty() && program.verdict == schema::PackageVerdict::Matches) {
    return SafeText::host(program.package) + " " + SafeText::host(program.package_version);
  }
  constexpr std::size_t kBrief = 12;
  return SafeText::own(program.sha256.empty()
                           ? fmt::format("{} bytes, not hashed", program.size)
                           : "sha256 " + schema::hex(program.sha256).substr(0, kBrief));
}

SafeText direction_mark(const std::optional<schema::Direction>& direction) {
  if (!direction) {
    return " - ";
  }
  const bool guess = direction->evidence == schema::DirectionEvidence::PortRule;
  if (direction->way == schema::Way::Inbound) {
    return guess ? SafeText(" <-? ") : SafeText(" <- ");
  }
  return guess ? SafeText(" ->? ") : SafeText(" -> ");
}

// What an event is about, by its sort.
class Words {
 public:
  Words(const TimelineInput& input, EventKind kind, const ClockFace& clock)
      : input_(input), kind_(kind), clock_(clock) {}

  // Nothing, and what only exports have.
  template <class Other>
  SafeText operator()(const Other&) const {
    return {};
  }

  SafeText operator()(const ListenerFacts& facts) const {
    SafeText text = where(facts) + "  ";
    if (facts.before && kind_ == EventKind::OwnerChanged) {
      return text + "was " + owners_text(*facts.before) + "; now " + owners_text(*facts.now);
    }
    text += owners_text(*facts.now);
    if (facts.before && kind_ == EventKind::ForwardingChanged) {
      return text + " led to " + target_text(*facts.before) + "; now to " + target_text(*facts.now);
    }
    if (facts.before && kind_ != EventKind::ListenerRestarted) {
      text += ", was at " + endpoint_text(facts.before->endpoint, facts.before->v6only);
    }
    return text;
  }

  SafeText operator()(const ConnectionFacts& facts) const {
    const schema::SnapshotView& view = facts.event_snapshot->view();
    const schema::Socket& socket = view.socket(facts.socket);
    SafeText text = SafeText::own(schema::protocol_name(socket.protocol)) + " " +
                    local_text(socket) + direction_mark(facts.direction) + remote_text(socket);
    const auto label = view.netns_label(socket.netns);
    if (label != "host") {
      text += " in " + SafeText::host(label);
    }
    return text + "  " + owner_text(view, socket, view.holders(facts.socket));
  }

  SafeText operator()(const ProcessFacts& facts) const {
    const schema::SnapshotView& view = facts.event_snapshot->view();
    const schema::Process& process = view.process(facts.process);
    const schema::Owner owner = schema::owner_of(view, process);
    SafeText text = who(owner) + unsaid_path(owner);
    if (process.parent) {
      text += SafeText::own(fmt::format(", child of {}", process.parent->value()));
    }
    if (kind_ == EventKind::ProcessStarted && owner.started_at) {
      text += SafeText::own(", began " + clock_(*owner.started_at));
    }
    if (facts.event_snapshot_before) {
      const schema::SnapshotView& old = facts.event_snapshot_before->view();
      const schema::Owner before = schema::owner_of(old, old.process(facts.before));
      text += "; was " + process_text(before) + unsaid_path(before);
    }
    return text;
  }

  SafeText operator()(const ProgramFacts& facts) const {
    return SafeText::host(facts.after.path) + ": was " + content_text(facts.before) + "; now " +
           content_text(facts.after);
  }

  SafeText operator()(const ChronicleEvent& event) const {
    return chronicle_text(event, input_.missed, clock_);
  }

  SafeText operator()(const CoverageGap& gap) const { return unread_text(gap); }

  SafeText operator()(const BaselineFacts& facts) const {
    return comma({"baseline " + SafeText::host(facts.name),
                  SafeText::host(facts.thing),
                  facts.user.empty() ? SafeText() : "by " + SafeText::host(facts.user),
                  SafeText::own("at " + clock_(facts.at)),
                  SafeText::host(facts.note)});
  }

 private:
  // A packet or netlink socket is identified by more than an endpoint has.
  static SafeText where(const ListenerFacts& facts) {
    const schema::Endpoint& endpoint = facts.now->endpoint;
    const schema::Socket& socket = facts.event_snapshot->view().socket(facts.socket);
    if (schema::is_inet(socket) || endpoint.family == schema::Family::Unix) {
      return place_text(endpoint, facts.now->v6only);
    }
    const SafeText place =
        SafeText::own(schema::protocol_name(endpoint.protocol)) + " " + local_text(socket);
    return endpoint.netns == "host" ? place : place + " in " + SafeText::host(endpoint.netns);
  }

  static SafeText target_text(const schema::Service& service) {
    if (schema::is_forward(service.endpoint)) {
      return SafeText::host(service.leads_to);
    }
    const schema::Owner* owner = schema::principal(service);
    return owner == nullptr ? SafeText()
                            : SafeText::host(schema::leads_to(*owner, service.endpoint.port));
  }

  const TimelineInput& input_;
  EventKind kind_;
  const ClockFace& clock_;
};

Style style_of(EventKind kind) {
  switch (kind) {
    case EventKind::OwnerChanged:
    case EventKind::ExposureWidened:
    case EventKind::ForwardingChanged:
    case EventKind::ProgramChanged:
    case EventKind::Reboot:
    case EventKind::TimeGap:
    case EventKind::ViewLost:
    case EventKind::ClockStep:
    case EventKind::MissedRun:
      return Style::Warning;
    case EventKind::ListenerAppeared:
      return Style::Strong;
    default:
      return Style::Plain;
  }
}

// "listener appeared     ", as wide as the longest of them.
std::string kind_text(EventKind kind) {
  std::string words(event_kind_word(kind));
  for (char& letter : words) {
    letter = letter == '_' ? ' ' : letter;
  }
  return fmt::format("{:<18}", words);
}

std::string range_text(const TimelineInput& input, const ClockFace& clock) {
  const Moments& moments = input.moments;
  const std::string from = clock(moments.wall(input.searched.first));
  return fmt::format("snapshots {} to {}, {} to {}",
                     input.searched.first.value(),
                     input.searched.last.value(),
                     from,
                     short_time(clock(moments.wall(input.searched.last)), from));
}

SafeText bracket_text(const TimelineInput& input,
                      const TimelineEvent& event,
                      const std::string& time,
                      const ClockFace& clock) {
  const bool present =
      event.kind == EventKind::ListenerPresent || event.kind == EventKind::ConnectionPresent ||
      event.kind == EventKind::ProcessPresent || event.kind == EventKind::RecorderStarted ||
      event.kind == EventKind::Pruned || event.kind == EventKind::Thinned ||
      event.kind == EventKind::Noted;
  if (present) {
    return {};
  }
  if (!event.not_before) {
    return "  (or before: nobody could look earlier)";
  }
  const schema::WallTime before = input.moments.wall(*event.not_before);
  if (event.seq && clock(before) == time) {
    return "  (" + between_text(input.moments, *event.not_before, *event.seq, clock, time) + ")";
  }
  std::string text =
      fmt::format("  (after {}", short_time(clock(before), event.seq ? time : std::string()));
  if (event.seq && input.moments.wall(*event.seq) < before) {
    text += ", the clock was set back";
  }
  return SafeText::own(text + ")");
}

}  // namespace

Page lay_out_timeline_head(const TimelineInput& input, const ClockFace& clock) {
  Page page;
  const SafeText what = input.query.empty() ? SafeText() : SafeText::host(input.query) + " on ";
  page.add(what + SafeText::host(input.host) + SafeText::own(" · " + range_text(input, clock)),
           Style::Strong);
  if (!input.note.empty()) {
    page.add("careful: " + SafeText::host(input.note), Style::Warning);
  }
  return page;
}

Page lay_out_event(const TimelineInput& input, const TimelineEvent& event, const ClockFace& clock) {
  const std::string time = event.seq ? clock(input.moments.wall(*event.seq)) : "since then";
  Table table{{{""}, {""}, {""}, {"", Align::Left, true}}, {}, false};
  table.rows.push_back({{SafeText::own(time)},
                        {SafeText::own(kind_text(event.kind)), style_of(event.kind)},
                        {std::visit(Words(input, event.kind, clock), event.what)},
                        {bracket_text(input, event, time, clock), Style::Faint}});
  Page page;
  page.add(std::move(table));
  return page;
}

Page lay_out_nothing(const TimelineInput& input, const ClockFace& clock) {
  Page page;
  page.add(SafeText::own(fmt::format("nothing of this kind happened in {} snapshot{}, {}",
                                     input.moments.count(input.searched.first, input.searched.last),
                                     input.searched.first == input.searched.last ? "" : "s",
                                     range_text(input, clock))));
  return page;
}

}  // namespace sockwitness::query
