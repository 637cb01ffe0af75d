#include "query/report/compliance/integrity.h"

#include <fmt/format.h>

#include "query/report/records/verdict_words.h"
#include "schema/base/time.h"

namespace sockwitness::query {
namespace {

constexpr std::string_view kUnverified = "UNVERIFIED";

Integrity unverified(std::string why) {
  Integrity integrity;
  integrity.word = "unverified";
  integrity.stamp = kUnverified;
  integrity.text = fmt::format("{}: {}", kUnverified, why);
  integrity.head = "not known";
  integrity.keys = "not known";
  integrity.anchored = "not known";
  integrity.footer = kUnverified;
  return integrity;
}

std::string problem_text(const Verdict& verdict) {
  std::string text = fmt::format(
      "the database is {}; {} problem{}",
      verdict.result == Verdict::Result::Altered ? "altered or damaged" : "not readable",
      verdict.problem_count,
      verdict.problem_count == 1 ? "" : "s");
  if (verdict.problems.empty()) {
    return text;
  }
  const Problem& first = verdict.problems.front();
  text += ", the first: ";
  if (first.record) {
    text += fmt::format("record {}: ", *first.record);
  }
  return text + first.what;
}

std::string keys_text(const Verdict& verdict) {
  std::string text;
  for (const KeySegment& segment : verdict.segments) {
    text += fmt::format("{}records {} to {}: {}{}",
                        text.empty() ? "" : "; ",
                        segment.first,
                        segment.last,
                        segment.fingerprint,
                        segment.given ? " (given)" : "");
  }
  return text.empty() ? "none" : text;
}

std::string anchored_text(const Verdict& verdict) {
  if (!verdict.anchored_to) {
    return "no anchor was given: that its end was cut off is not excluded";
  }
  std::string text = fmt::format("up to record {} of {}, written {}",
                                 *verdict.anchored_to,
                                 verdict.last_record,
                                 schema::format_utc({verdict.anchored_at_us.value_or(0)}));
  for (const StampedRecord& stamp : verdict.stamps) {
    text += fmt::format("; record {} was stamped {} by {}",
                        stamp.record,
                        schema::format_utc({stamp.at_us}),
                        stamp.authority);
  }
  return text;
}

std::string footer_text(const Verdict& verdict, std::string_view stamp) {
  std::string text = fmt::format("{}   head {}", stamp, verdict.head);
  if (!verdict.segments.empty()) {
    text += fmt::format("   key {}", verdict.segments.back().fingerprint);
  }
  return text + (verdict.anchored_to ? fmt::format("   anchored to record {} of {}",
                                                   *verdict.anchored_to,
                                                   verdict.last_record)
                                     : std::string("   not anchored"));
}

}  // namespace

Integrity integrity_of(const Verdict* verdict) {
  if (verdict == nullptr) {
    return unverified("nobody verified the database for this report");
  }
  if (verdict->result == Verdict::Result::Unsigned) {
    return unverified("no record is signed, so nothing proves that it was not altered");
  }
  if (verdict->result != Verdict::Result::Intact) {
    return unverified(problem_text(*verdict));
  }
  Integrity integrity;
  integrity.verified = true;
  integrity.word = verdict->authenticated() ? "authenticated" : "consistent";
  integrity.stamp = verdict->authenticated() ? "verified with the recorder's key"
                                             : "consistent, not authenticated";
  integrity.text = fmt::format("{}: all rows of records {} to {} are as they were signed",
                               integrity.stamp,
                               verdict->first_linked,
                               verdict->last_record);
  for (const std::string& sentence : unproven(*verdict)) {
    integrity.text += ". Not proven: " + sentence;
  }
  integrity.head = fmt::format("{} (record {})", verdict->head, verdict->last_record);
  integrity.keys = keys_text(*verdict);
  integrity.anchored = anchored_text(*verdict);
  integrity.footer = footer_text(*verdict, integrity.stamp);
  return integrity;
}

}  // namespace sockwitness::query
