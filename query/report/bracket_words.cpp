#include "query/report/bracket_words.h"

#include <fmt/format.h>

#include "query/report/records.h"

namespace sockwitness::query {

Value seq_value(const std::optional<schema::Seq>& seq) {
  return seq ? Value(seq->value()) : Value();
}

Value moment_value(const Moments& moments, const std::optional<schema::Seq>& seq) {
  return seq ? time_value(moments.wall(*seq)) : Value();
}

std::string short_time(const std::string& time, const std::string& beside) {
  constexpr std::size_t kDay = 11;  // "2026-11-23 "
  const bool same_day = time.size() > kDay && time.substr(0, kDay) == beside.substr(0, kDay);
  return same_day ? time.substr(kDay) : time;
}

SafeText between_text(const Moments& moments,
                      schema::Seq from,
                      schema::Seq to,
                      const ClockFace& clock) {
  const std::string begin = clock(moments.wall(from));
  std::string text =
      fmt::format("between {} and {}", begin, short_time(clock(moments.wall(to)), begin));
  if (moments.wall(to) < moments.wall(from)) {
    text += " (the clock was set back in between)";
  }
  return SafeText::own(text);
}

}  // namespace sockwitness::query
