// A made-up host whose services do what services do: start anew, move, open wider, change hands.
//
// In:    a seed.
// Out:   one snapshot after the other, the same ones for the same seed, with few different places
//        and owners, so that coincidences are common.
// Never: reads this machine, or shows what no recorder could have seen.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "schema/model/snapshot.h"
#include "tests/support/random_history.h"

namespace sockwitness::test {

class ServiceHistory {
 public:
  explicit ServiceHistory(std::uint64_t seed);

  // Lets some things happen, then looks; sometimes with less than root's eyes.
  [[nodiscard]] schema::Snapshot next();

 private:
  using Key = std::uint64_t;

  // What a process is, apart from which one it is.
  struct Kind {
    std::size_t program = 0;  // position in programs_
    std::optional<std::size_t> script;
    schema::Uid uid;
    std::string unit;
    std::string container;
    std::string command_line;
    std::string name;
  };
  struct Task {
    Kind kind;
    schema::Pid pid;
    schema::BootTime start;
    std::optional<schema::Pid> parent;
    Key netns = 0;
  };
  struct Hold {
    Key task = 0;
    std::int32_t fd = 0;
    friend auto operator<=>(const Hold&, const Hold&) = default;
  };
  struct End {
    schema::Socket value;
    Key netns = 0;
    std::set<Hold> holds;
  };
  // How much of the host this snapshot shows.
  struct Visible {
    std::set<Key> closed_namespaces;    // not entered; their sockets are not seen
    bool namespace_unnamed = false;     // … and nobody can say which ones they are
    std::optional<schema::Uid> only;    // an unprivileged recorder's: descriptors of this user only
    std::set<schema::Protocol> tables;  // not read completely: some sockets are missing
    bool no_such_table = false;         // … and the reason given is that the kernel has none
    bool hidden_processes = false;
  };

  void boot();
  void happen();
  void add_netns(std::string label);
  void renumber_netns();
  void drop_netns();
  [[nodiscard]] Kind make_kind();
  Key add_task(Kind kind, Key netns, std::optional<schema::Pid> parent);
  void drop_task(Key task);
  [[nodiscard]] schema::Socket make_place(bool listener);
  void give_identity(schema::Socket& socket);
  void open_service();
  void open_group();
  void open_client();
  void open_kernel_port();
  void close_something();
  void start_anew();
  void take_over();
  void change_place();
  void fork_holder();
  void start_child();
  void pass_to_stranger();
  void lose_holder();
  void upgrade();
  void change_registration();
  [[nodiscard]] Key pick_listener();
  [[nodiscard]] Visible look_how();
  [[nodiscard]] schema::Snapshot look(const Visible& visible);
  void place_tasks(const Visible& visible, schema::Snapshot& snapshot);
  void place_sockets(const Visible& visible, schema::Snapshot& snapshot);
  void note_gaps(const Visible& visible, schema::Snapshot& snapshot);

  Dice dice_;
  Key next_key_ = 1;
  std::int32_t next_pid_ = 100;
  std::uint64_t next_cookie_ = 1;
  schema::ClockReading now_;
  schema::Context context_;
  std::vector<schema::Program> programs_;
  std::map<Key, schema::Netns> namespaces_;
  std::map<Key, Task> tasks_;
  std::map<Key, End> ends_;
  std::set<schema::RpcRegistration> registrations_;
  // Of the snapshot that is being made.
  std::map<Key, std::uint32_t> netns_index_, task_index_;
};

}  // namespace sockwitness::test
