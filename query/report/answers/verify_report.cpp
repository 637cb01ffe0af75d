#include "query/report/answers/verify_report.h"

#include <fmt/format.h>

#include "query/report/records/verdict_words.h"
#include "schema/base/time.h"

namespace sockwitness::query {
namespace {

std::string_view state_word(KeyState state) {
  switch (state) {
    case KeyState::Absent:
      return "absent";
    case KeyState::NotReadable:
      return "not readable";
    case KeyState::Agrees:
      return "agrees";
    case KeyState::Differs:
      return "differs";
    case KeyState::Older:
      return "older";
  }
  return "";
}

std::string reason_words(const KeySegment& segment) {
  switch (segment.reason) {
    case 1:
      return "the chain begins";
    case 2:
      return "there were no keys beside the file";
    case 3:
      return "the keys beside the file could not be used";
    case 4:
      return fmt::format(
          "the keys beside the file knew of record {}: it had been put back to an "
          "older state, or made anew",
          segment.known.value_or(0));
    default:
      return fmt::format("reason {}", segment.reason);
  }
}

Value::List problem_values(const Verdict& verdict) {
  Value::List values;
  for (const Problem& problem : verdict.problems) {
    values.push_back(
        Value::Object{{"record", problem.record}, {"seq", problem.seq}, {"what", problem.what}});
  }
  return values;
}

Value::List segment_values(const Verdict& verdict) {
  Value::List values;
  for (const KeySegment& segment : verdict.segments) {
    values.push_back(Value::Object{{"first_record", segment.first},
                                   {"last_record", segment.last},
                                   {"public_key", segment.public_key},
                                   {"fingerprint", segment.fingerprint},
                                   {"reason", reason_words(segment)},
                                   {"known", segment.known},
                                   {"given", segment.given}});
  }
  return values;
}

Value::List text_values(const std::vector<std::string>& texts) {
  Value::List values;
  for (const std::string& text : texts) {
    values.push_back(text);
  }
  return values;
}

SafeText range_words(const Verdict& verdict) {
  std::string text = fmt::format("records {} to {}", verdict.first_record, verdict.last_record);
  if (verdict.first_seq && verdict.last_seq) {
    text += fmt::format(" (snapshots {} to {})", *verdict.first_seq, *verdict.last_seq);
  }
  return SafeText::own(text + fmt::format(", {} rows", verdict.rows));
}

void add_result(Page& page, const Verdict& verdict) {
  switch (verdict.result) {
    case Verdict::Result::Intact:
      page.add("intact: " + range_words(verdict), Style::Strong);
      break;
    case Verdict::Result::Altered:
      page.add(SafeText::own(fmt::format("ALTERED OR DAMAGED: {} problem{}",
                                         verdict.problem_count,
                                         verdict.problem_count == 1 ? "" : "s")),
               Style::Alarm);
      break;
    case Verdict::Result::Unsigned:
      page.add(
          "NOT AUTHENTIC: no record has a signature; the recorder's next run signs what lies there "
          "as "
          "it is then",
          Style::Alarm);
      break;
    case Verdict::Result::Unreadable:
      page.add("UNREADABLE: nothing can be said", Style::Alarm);
      break;
  }
}

void add_problems(Page& page, const Verdict& verdict) {
  for (const Problem& problem : verdict.problems) {
    std::string place;
    if (problem.record) {
      place = fmt::format("record {}", *problem.record);
      place += problem.seq ? fmt::format(" (snapshot #{}): ", *problem.seq) : ": ";
    }
    page.add("  " + SafeText::own(place) + SafeText::host(problem.what), Style::Alarm);
  }
  if (verdict.problem_count > static_cast<std::int64_t>(verdict.problems.size())) {
    page.add(SafeText::own(
        fmt::format("  … and {} more",
                    verdict.problem_count - static_cast<std::int64_t>(verdict.problems.size()))));
  }
}

void add_keys(Page& page, const Verdict& verdict) {
  for (const KeySegment& segment : verdict.segments) {
    page.add(SafeText::own(fmt::format("key       records {} to {}: {}{} ({})",
                                       segment.first,
                                       segment.last,
                                       segment.fingerprint,
                                       segment.given ? ", as you gave it" : "",
                                       reason_words(segment))));
  }
}

}  // namespace

Document build_verify(const Verdict& verdict) {
  Document document;
  document.format = "sockwitness.verify/1";
  document.head = {
      {"result", result_word(verdict.result)},
      {"authenticated", verdict.authenticated()},
      {"first_seq", verdict.first_seq},
      {"last_seq", verdict.last_seq},
      {"first_record", verdict.first_record},
      {"last_record", verdict.last_record},
      {"first_linked", verdict.first_linked},
      {"rows", verdict.rows},
      {"archive", text_or_null(verdict.archive)},
      {"head_hash", text_or_null(verdict.head)},
      {"authenticated_to", verdict.authenticated_to},
      {"anchored_to", verdict.anchored_to},
      {"anchored_to_seq", verdict.anchored_to_seq},
      {"anchored_at",
       verdict.anchored_at_us
           ? Value(schema::format_utc_micros(schema::WallTime{*verdict.anchored_at_us}))
           : Value()},
      {"anchors", verdict.anchors},
      {"agrees_beside_to", verdict.agrees_beside_to},
      {"foreign_anchors", verdict.foreign_anchors},
      {"unreadable_anchor_lines", verdict.unreadable_lines},
      {"key_state", state_word(verdict.key_state)}};
  document.rows_key = "problems";
  document.row_format = "sockwitness.verify-problem/1";
  document.rows = problem_values(verdict);
  Value::List events;
  for (const ChainEvent& event : verdict.events) {
    events.push_back(Value::Object{{"record", event.record}, {"what", event.what}});
  }
  Value::List stamps;
  for (const StampedRecord& stamp : verdict.stamps) {
    stamps.push_back(Value::Object{{"record", stamp.record},
                                   {"at", schema::format_utc_micros(schema::WallTime{stamp.at_us})},
                                   {"authority", stamp.authority}});
  }
  document.tail = {{"problem_count", verdict.problem_count},
                   {"keys", segment_values(verdict)},
                   {"events", std::move(events)},
                   {"stamps", std::move(stamps)},
                   {"not_proven", text_values(unproven(verdict))},
                   {"notes", text_values(verdict.notes)}};
  document.columns = words("record seq what");
  return document;
}

Page lay_out_verify(const Verdict& verdict, const ClockFace& clock) {
  Page page;
  add_result(page, verdict);
  add_problems(page, verdict);
  if (verdict.links > 0) {
    page.add("archive   " + SafeText::own(verdict.archive));
    page.add("head      " + SafeText::own(verdict.head));
    add_keys(page, verdict);
    if (verdict.anchored_to) {
      const schema::WallTime at{verdict.anchored_at_us.value_or(0)};
      page.add(SafeText::own(fmt::format("anchored  records {} to {}, until {}",
                                         verdict.first_record,
                                         *verdict.anchored_to,
                                         clock(at))));
    }
    for (const StampedRecord& stamp : verdict.stamps) {
      page.add(SafeText::own(fmt::format("stamped   records {} to {}, at {}, by ",
                                         verdict.first_record,
                                         stamp.record,
                                         clock(schema::WallTime{stamp.at_us}))) +
               SafeText::host(stamp.authority));
    }
    if (verdict.agrees_beside_to) {
      page.add(SafeText::own(fmt::format(
          "The anchors beside the file agree up to record {}; they can be put back with it.",
          *verdict.agrees_beside_to)));
    }
    if (verdict.key_state == KeyState::Agrees) {
      page.add(
          "The keys beside the file expect the next record: its end was not cut off without them.");
    } else if (verdict.key_state == KeyState::NotReadable) {
      page.add("The keys beside the file cannot be read by you: they were not asked.");
    }
  }
  for (const ChainEvent& event : verdict.events) {
    page.add(SafeText::own(fmt::format("record {}: ", event.record)) + SafeText::host(event.what));
  }
  for (const std::string& note : verdict.notes) {
    page.add(SafeText::host(note));
  }
  if (verdict.foreign_anchors > 0) {
    page.add(
        SafeText::own(fmt::format("{} anchors are of other archives", verdict.foreign_anchors)));
  }
  if (verdict.unreadable_lines > 0) {
    page.add(SafeText::own(
        fmt::format("{} lines of anchors could not be understood", verdict.unreadable_lines)));
  }
  for (const std::string& text : unproven(verdict)) {
    page.add(SafeText::own(text), Style::Warning);
  }
  return page;
}

}  // namespace sockwitness::query
