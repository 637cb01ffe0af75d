// A busy server that never was: what the recorder would see of it, snapshot after snapshot.
//
// In:    a seed and how much happens between two snapshots.
// Out:   the same Snapshot values for the same seed: listeners, daemons, connections that come and
//        go, short-lived commands, restarts at night, a reboot now and then.
// Never: looks at the host that it runs on, or at its clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "schema/model/snapshot.h"

namespace sockwitness::bench {

struct Pace {
  std::int64_t interval_s = 300;
  std::uint32_t connections = 75;     // new ones, each with a holder
  std::uint32_t commands = 3;         // short-lived processes
  std::int64_t restart_every = 288;   // snapshots between two nights
  std::int64_t reboot_every = 8'640;  // snapshots between two boots
};

class SimulatedHost {
 public:
  SimulatedHost(std::uint64_t seed, Pace pace);

  // What one snapshot later looks like.
  void advance();
  [[nodiscard]] const schema::Snapshot& snapshot() const { return snapshot_; }

 private:
  struct Daemon {
    std::string name;
    std::uint32_t workers;
  };
  // Parallel to the vector of the snapshot that it explains.
  struct Life {
    std::int64_t ends = 0;  // turn after which it is gone
    bool connection = false;
  };

  void boot();
  void restart_some_daemons();
  void start_kernel_threads();
  void start_daemon(std::size_t number);
  void open_listeners(std::size_t number, schema::ProcessIndex master);
  void open_local_sockets(schema::ProcessIndex process);
  void open_connections();
  void linger();
  void run_commands();
  void drop_ended();
  void fill_queues();

  schema::ProcessIndex add_process(schema::Process process, std::int64_t ends);
  schema::SocketIndex add_socket(schema::Socket socket, std::int64_t ends, bool connection);
  void hold(schema::SocketIndex socket, schema::ProcessIndex process);
  schema::ProgramIndex program_of(const std::string& path);
  schema::Process make_process(const std::string& path, std::string arguments, std::string unit);
  schema::IpAddress peer(bool v6);
  std::uint32_t below(std::uint32_t limit);
  std::uint64_t next_inode() { return inode_ += 1 + below(7); }
  std::uint64_t next_cookie() { return cookie_ += 1 + below(3); }

  Pace pace_;
  std::mt19937_64 random_;
  std::int64_t turn_ = 0;
  std::int64_t booted_at_ = 0;
  std::int32_t pid_ = 0;
  std::uint64_t inode_ = 0;
  std::uint64_t cookie_ = 0;
  std::vector<Daemon> daemons_;
  schema::Snapshot snapshot_;
  std::vector<Life> socket_lives_;
  std::vector<std::int64_t> process_ends_;  // turn after which it is gone
  std::vector<std::size_t> process_daemons_;
};

}  // namespace sockwitness::bench
