// make_clocks PATH < READINGS: a history whose snapshots have the clocks of the lines
// "WALL_US SINCE_BOOT_NS AWAKE_NS BOOT_ID", written the way the recorder writes. With each snapshot
// the listener at port 999 + N, N its number, takes the place of the one before.
#include <cstdio>
#include <iostream>

#include "recorder/write/snapshot_writer.h"
#include "schema/disk/database.h"

namespace {

using namespace sockwitness;

schema::Snapshot observe(std::uint32_t number,
                         const schema::ClockReading& reading,
                         const std::string& boot) {
  schema::Snapshot snapshot;
  snapshot.begin = snapshot.end = reading;
  snapshot.context.boot_id = boot;
  snapshot.namespaces = {{schema::Inode(1), "host"}};
  schema::Program program;
  program.path = "/usr/sbin/daemon";
  snapshot.programs.push_back(program);
  schema::Process process;
  process.pid = schema::Pid(100);
  process.name = "daemon";
  process.program = schema::ProgramIndex(0);
  process.netns = schema::NetnsIndex(0);
  snapshot.processes.push_back(process);
  schema::Socket socket;
  socket.netns = schema::NetnsIndex(0);
  socket.state = schema::SocketState::Listen;
  socket.local_address = *schema::IpAddress::parse("0.0.0.0");
  socket.remote_address = socket.local_address;
  socket.local_port = schema::Port(static_cast<std::uint16_t>(999 + number));
  socket.cookie = schema::SocketCookie(number);
  socket.inode = schema::Inode(number);
  snapshot.sockets.push_back(socket);
  snapshot.holders.push_back({schema::SocketIndex(0), schema::ProcessIndex(0), schema::Fd(3)});
  return snapshot;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("usage: make_clocks PATH < READINGS\n", stderr);
    return 2;
  }
  auto database = schema::Database::open_for_append(arguments[1]);
  schema::LoadedSnapshot previous;
  schema::ClockReading reading;
  std::string boot;
  std::uint32_t number = 0;
  while (std::cin >> reading.wall.microseconds >> reading.since_boot.nanoseconds >>
         reading.monotonic_ns >> boot) {
    schema::Snapshot observed = observe(++number, reading, boot);
    auto written = recorder::write_snapshot(database, observed, previous, {});
    previous = recorder::as_previous(std::move(observed), std::move(written));
  }
  return number > 0 ? 0 : 1;
}
