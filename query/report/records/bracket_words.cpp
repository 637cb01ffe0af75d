#include "query/report/records/bracket_words.h"

#include <algorithm>

#include <fmt/format.h>

#include "query/report/records/records.h"

namespace sockwitness::query {

Value seq_value(const std::optional<schema::Seq>& seq) {
  return seq ? Value(seq->value()) : Value();
}

Value moment_value(const Moments& moments, const std::optional<schema::Seq>& seq) {
  return seq ? time_value(moments.wall(*seq)) : Value();
}

Value looked_value(const Moments& moments, const schema::SeqRange& searched) {
  return Value::Object{
      {"from", moment_value(moments, searched.first)},
      {"until", moment_value(moments, searched.last)},
      {"first_seq", searched.first.value()},
      {"last_seq", searched.last.value()},
      {"snapshots", static_cast<std::uint64_t>(moments.count(searched.first, searched.last))}};
}

std::string short_time(const std::string& time, const std::string& beside) {
  constexpr std::size_t kDay = 11;  // "2026-11-23 "
  const bool same_day = time.size() > kDay && time.substr(0, kDay) == beside.substr(0, kDay);
  return same_day ? time.substr(kDay) : time;
}

std::string with_milliseconds(const ClockFace& clock, schema::WallTime time) {
  constexpr std::size_t kSecond = 19;  // "2026-11-23 03:30:00"
  constexpr std::int64_t kMicros = 1'000'000;
  const std::int64_t micros = (time.microseconds % kMicros + kMicros) % kMicros;
  std::string text = clock(time);
  return text.insert(std::min(kSecond, text.size()), fmt::format(".{:03}", micros / 1000));
}

SafeText between_text(const Moments& moments,
                      schema::Seq from,
                      schema::Seq to,
                      const ClockFace& clock,
                      const std::string& beside) {
  std::string begin = clock(moments.wall(from));
  std::string end = clock(moments.wall(to));
  if (begin == end) {
    begin = with_milliseconds(clock, moments.wall(from));
    end = with_milliseconds(clock, moments.wall(to));
  }
  std::string text =
      fmt::format("between {} and {}", short_time(begin, beside), short_time(end, begin));
  if (moments.wall(to) < moments.wall(from)) {
    text += " (the clock was set back in between)";
  }
  return SafeText::own(text);
}

}  // namespace sockwitness::query
