// A made-up host that changes from snapshot to snapshot, the same way for the same seed.
//
// In:    a seed, and how busy the host is.
// Out:   observed snapshots, and which socket of the host each observed one is.
// Never: reads this machine, or draws a value that no kernel could show.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "schema/model/snapshot.h"

namespace sockwitness::test {

// Values with the boundaries of their types drawn far more often than chance would.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}

  [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
  [[nodiscard]] bool one_in(std::uint64_t chance) { return below(chance) == 0; }
  // Zero, one, the top bit, the maximum, or any.
  [[nodiscard]] std::uint64_t bits64();
  [[nodiscard]] std::uint32_t bits32();
  [[nodiscard]] std::uint16_t bits16();
  // Any bytes, often with NUL, line breaks and bytes that are not UTF-8.
  [[nodiscard]] std::string bytes(std::size_t longest);
  template <class T>
  [[nodiscard]] const T& one_of(const std::vector<T>& values) {
    return values[below(values.size())];
  }

 private:
  std::mt19937_64 engine_;
};

struct Observation {
  schema::Snapshot snapshot;
  // Parallel to its sockets: equal in two observations when it is the same socket all along.
  std::vector<std::uint64_t> lives;
};

class RandomHistory {
 public:
  explicit RandomHistory(std::uint64_t seed);

  // Lets some things happen, then looks.
  [[nodiscard]] Observation next();
  // Looks again a minute later; nothing happened.
  [[nodiscard]] Observation unchanged();

 private:
  using Key = std::uint64_t;
  struct LiveProcess {
    schema::Process value;
    std::optional<Key> netns, program, script_file;
  };
  struct LiveSocket {
    schema::Socket value;
    Key netns = 0;
    Key life = 0;
  };
  struct LiveGap {
    schema::Gap value;
    std::optional<Key> netns;
  };
  // The positions that the keys of the host have in one snapshot.
  struct Places;

  void happen();
  void boot();
  void pass_time();
  void add_netns();
  void add_program();
  void add_process();
  void add_socket();
  void add_gap();
  void change_process();
  void change_socket();
  void drop_process();
  void drop_socket();
  void drop_netns();
  void move_holder();
  void change_names();
  void place_sockets(Places& places, Observation& seen);
  [[nodiscard]] schema::Process make_process();
  [[nodiscard]] schema::Socket make_socket();
  [[nodiscard]] schema::IpAddress make_address(bool v6, bool any);
  template <class Map>
  [[nodiscard]] typename Map::iterator pick(Map& map);
  [[nodiscard]] std::optional<Key> maybe_program();
  [[nodiscard]] Observation look();

  Dice dice_;
  Key next_key_ = 1;
  std::int32_t next_pid_ = 1;
  std::uint64_t next_cookie_ = 1;
  std::uint64_t next_inode_ = 1;
  schema::ClockReading now_;
  schema::Context context_;
  std::optional<schema::ClockSync> sync_;
  std::map<Key, schema::Netns> namespaces_;
  std::map<Key, schema::Program> programs_;
  std::map<Key, LiveProcess> processes_;
  std::map<Key, LiveSocket> sockets_;
  std::set<std::tuple<Key, Key, std::int32_t>> holders_;  // socket, process, fd
  std::map<Key, std::pair<Key, schema::Descriptor>> descriptors_;
  std::set<std::pair<Key, Key>> mappings_;  // process, program
  std::map<Key, LiveGap> gaps_;
  std::set<schema::UserName> users_;
  std::set<schema::GroupName> groups_;
  std::set<schema::RpcRegistration> registrations_;
};

}  // namespace sockwitness::test
