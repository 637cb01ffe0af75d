// Words for stored numbers: each has one, no two share one, and what is read back is the same.
#include <set>

#include <catch2/catch.hpp>

#include "schema/model/snapshot.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::schema {
namespace {

template <class Enum, class Word>
void check_words(int first, int last, Word word) {
  std::set<std::string> words;
  for (int number = first; number <= last; ++number) {
    words.insert(std::string(word(static_cast<Enum>(number))));
  }
  CHECK(words.size() == static_cast<std::size_t>(last - first + 1));
  CHECK_FALSE(words.contains(""));
}

}  // namespace

TEST_CASE("every stored number has a word of its own") {
  check_words<Protocol>(1, 13, protocol_name);
  check_words<Family>(1, 7, family_name);
  check_words<SocketState>(1, 13, state_name);
  check_words<NoHolderReason>(1, 7, no_holder_word);
  check_words<GapSource>(1, 10, gap_source_word);
  check_words<GapReason>(1, 9, gap_reason_word);
  check_words<DescriptorKind>(1, 9, descriptor_kind_word);
  check_words<FileState>(1, 5, file_state_word);
  check_words<PackageVerdict>(1, 6, verdict_word);
  check_words<MissedKind>(1, 3, missed_kind_word);
  CHECK(no_holder_word(NoHolderReason::None).empty());
}

TEST_CASE("words of protocols and states are read back") {
  for (int number = 1; number <= 13; ++number) {
    const auto protocol = static_cast<Protocol>(number);
    CHECK(parse_protocol(protocol_name(protocol)) == protocol);
    const auto state = static_cast<SocketState>(number);
    CHECK(parse_state(state_name(state)) == state);
  }
  CHECK(parse_state("estab") == SocketState::Established);
  CHECK(parse_state("time-wait") == SocketState::TimeWait);
  CHECK(parse_state("listening") == SocketState::Listen);
  CHECK(parse_state("Listen") == SocketState::Listen);
  CHECK_FALSE(parse_state("listens"));
  CHECK_FALSE(parse_state(""));
  CHECK_FALSE(parse_protocol("tcpx"));
  CHECK_FALSE(parse_protocol(""));
}

TEST_CASE("the canonical order does not depend on the order of observation") {
  Snapshot one;
  one.namespaces = {{Inode(9), "b"}, {Inode(5), "host"}};
  one.programs.resize(2);
  one.programs[0].path = "/b";
  one.programs[1].path = "/unused";
  one.processes.resize(2);
  one.processes[0].pid = Pid(20);
  one.processes[0].program = ProgramIndex(0);
  one.processes[0].netns = NetnsIndex(0);
  one.processes[1].pid = Pid(10);
  one.sockets.resize(2);
  one.sockets[0].netns = NetnsIndex(0);
  one.sockets[0].local_port = Port(80);
  one.sockets[1].netns = NetnsIndex(1);
  one.holders = {{SocketIndex(0), ProcessIndex(0), Fd(3)}};

  Snapshot other;
  other.namespaces = {{Inode(5), "host"}, {Inode(9), "b"}};
  other.programs = {one.programs[0]};
  other.processes = {one.processes[1], one.processes[0]};
  other.processes[1].netns = NetnsIndex(1);
  other.sockets = {one.sockets[1], one.sockets[0]};
  other.sockets[0].netns = NetnsIndex(0);
  other.sockets[1].netns = NetnsIndex(1);
  other.holders = {{SocketIndex(1), ProcessIndex(1), Fd(3)}};

  CHECK_FALSE(one == other);
  sort_canonically(one);
  sort_canonically(other);
  CHECK(one == other);
  CHECK(one.programs.size() == 1);
  CHECK(one.sockets[one.holders[0].socket.value()].local_port == Port(80));
}

}  // namespace sockwitness::schema
