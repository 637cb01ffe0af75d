// Brackets on chains of snapshots whose answer is known: one letter a snapshot.
#include "query/analysis/history/intervals.h"

#include <catch2/catch.hpp>

namespace sockwitness {

using query::Interval;
using query::IntervalBuilder;
using query::Observation;
using query::Place;
using schema::Gap;
using schema::GapSource;
using schema::Seq;

namespace {

Place tcp_at(std::uint16_t port, std::string netns = "host") {
  schema::Endpoint endpoint;
  endpoint.netns = std::move(netns);
  endpoint.port = schema::Port(port);
  return {endpoint, std::nullopt};
}

Gap table_gap(schema::Protocol protocol) {
  Gap gap;
  gap.source = GapSource::SocketTable;
  gap.object = protocol;
  return gap;
}

// '#' seen, '.' looked for in vain, '?' TCP could not be read, 'u' UDP could not be read,
// 'd' something is there that may be it, 'n' seen beside a namespace without a name, 'm' that
// namespace, and nothing seen.
Observation observation_of(char what, std::int64_t seq) {
  auto visibility = std::make_shared<schema::Visibility>();
  visibility->namespaces = {{schema::Inode(1), "host"}};
  Observation observation{{Seq(seq), Seq(seq)}, {}, {}, visibility};
  Gap unnamed;
  unnamed.source = GapSource::Namespace;
  switch (what) {
    case '#':
      observation.places = {tcp_at(80)};
      break;
    case '?':
      visibility->gaps = {table_gap(schema::Protocol::Tcp)};
      break;
    case 'u':
      visibility->gaps = {table_gap(schema::Protocol::Udp)};
      break;
    case 'd':
      observation.doubtful = {tcp_at(80)};
      break;
    case 'n':
      observation.places = {tcp_at(80, "blue")};
      visibility->namespaces.push_back({schema::Inode(2), "blue"});
      visibility->gaps = {unnamed};
      break;
    case 'm':
      visibility->gaps = {unnamed};
      break;
    default:
      break;
  }
  return observation;
}

// "2-4 (1, 6) !5": first and last seen, not before and not after, which could not see it.
std::string words(const std::vector<Interval>& spans) {
  const auto number = [](const std::optional<Seq>& seq) {
    return seq ? std::to_string(seq->value()) : std::string("-");
  };
  std::string text;
  for (const Interval& span : spans) {
    text += text.empty() ? "" : ", ";
    text += number(span.seen.first) + "-" + number(span.seen.last) + " (" +
            number(span.not_before) + ", " + number(span.not_after) + ")";
    for (const query::CoverageGap& hidden : span.coverage_gaps) {
      for (Seq seq = hidden.snapshots.first; seq <= hidden.snapshots.last;
           seq = Seq(seq.value() + 1)) {
        text += " !" + number(seq);
      }
    }
  }
  return text;
}

std::string spans_of(std::string_view chain) {
  IntervalBuilder builder;
  for (std::size_t at = 0; at < chain.size(); ++at) {
    builder.add(observation_of(chain[at], static_cast<std::int64_t>(at) + 1));
  }
  return words(builder.finish());
}

}  // namespace

TEST_CASE("brackets are those of the snapshots that looked") {
  struct Row {
    const char* chain;
    const char* spans;
  };
  const Row row = GENERATE(values<Row>({
      {"", ""},
      {".", ""},
      {"...", ""},
      {"???", ""},
      {"#", "1-1 (-, -)"},
      {"###", "1-3 (-, -)"},
      {".###", "2-4 (1, -)"},
      {"###.", "1-3 (-, 4)"},
      {"..##..", "3-4 (2, 5)"},
      {".#.#.", "2-2 (1, 3), 4-4 (3, 5)"},
      // Who could not look neither ends nor confirms.
      {".?#", "3-3 (1, -)"},
      {"?#", "2-2 (-, -)"},
      {"??#.", "3-3 (-, 4)"},
      {"#?#", "1-3 (-, -) !2"},
      {"#?.", "1-1 (-, 3) !2"},
      {"#??", "1-1 (-, -) !2 !3"},
      {"#?.?#", "1-1 (-, 3) !2, 5-5 (3, -)"},
      {"#.?#", "1-1 (-, 2), 4-4 (2, -)"},
      // A gap elsewhere hides nothing here.
      {"#u#", "1-1 (-, 2), 3-3 (2, -)"},
      {"u#u", "2-2 (1, 3)"},
      {"#d#", "1-3 (-, -) !2"},
      {"d#", "2-2 (-, -)"},
      // A namespace without a name that stands before and after hid nothing that is seen beside
      // it; afterwards it may.
      {"mn", "2-2 (1, -)"},
      {"nm", "1-1 (-, -) !2"},
      {"nm.", "1-1 (-, 3) !2"},
      {"m#", "2-2 (1, -)"},
  }));
  CAPTURE(row.chain);
  CHECK(spans_of(row.chain) == row.spans);
}

TEST_CASE("a place that was seen last decides about the end, the next one about its begin") {
  IntervalBuilder builder;
  Observation udp = observation_of('#', 1);
  udp.places.front().endpoint->protocol = schema::Protocol::Udp;
  builder.add(udp);
  CHECK(builder.current() == 0);
  builder.add(observation_of('?', 2));  // nobody could see TCP, but UDP
  builder.add(observation_of('#', 3));  // TCP
  CHECK(builder.current() == 1);
  CHECK(words(builder.finish()) == "1-1 (-, 2), 3-3 (2, -)");
}

TEST_CASE("of several places one that was hidden is enough") {
  IntervalBuilder builder;
  Observation both = observation_of('#', 1);
  both.places.push_back(both.places.front());
  both.places.back().endpoint->protocol = schema::Protocol::Udp;
  builder.add(both);
  builder.add(observation_of('u', 2));
  builder.add(observation_of('.', 3));
  CHECK(words(builder.finish()) == "1-1 (-, 3) !2");
}

TEST_CASE("a process is hidden by its own gap, and by a list that became incomplete") {
  const Place process{std::nullopt, schema::Pid(7)};
  const auto spans = [&](std::vector<Gap> before, std::vector<Gap> after) {
    IntervalBuilder builder;
    Observation seen = observation_of('.', 1);
    seen.places = {process};
    auto visibility = std::make_shared<schema::Visibility>();
    visibility->gaps = std::move(before);
    seen.visibility = visibility;
    builder.add(seen);
    Observation later = observation_of('.', 2);
    visibility = std::make_shared<schema::Visibility>();
    visibility->gaps = std::move(after);
    later.visibility = visibility;
    builder.add(later);
    return words(builder.finish());
  };
  Gap list;
  list.source = GapSource::ProcessList;
  Gap own;
  own.source = GapSource::Process;
  own.pid = schema::Pid(7);
  Gap other = own;
  other.pid = schema::Pid(8);
  CHECK(spans({}, {}) == "1-1 (-, 2)");
  CHECK(spans({}, {list}) == "1-1 (-, -) !2");
  CHECK(spans({list}, {list}) == "1-1 (-, 2)");
  CHECK(spans({}, {own}) == "1-1 (-, -) !2");
  CHECK(spans({}, {other}) == "1-1 (-, 2)");
}

}  // namespace sockwitness
