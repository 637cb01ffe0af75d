// make_history PATH SEED LENGTH: a random history in a file; on standard output, for every
// snapshot, what was observed: one line a thing, for programs in other languages to compare with.
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "tests/store/history_file.h"

namespace {

std::string hex(std::string_view bytes) {
  std::string text = "x";
  for (const char byte : bytes) {
    text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  }
  return text;
}

void print_snapshot(const sockwitness::schema::Snapshot& snapshot) {
  const std::int64_t seq = snapshot.seq->value();
  for (const auto& process : snapshot.processes) {
    fmt::print("{} process {} {} {} {} {}\n",
               seq,
               process.pid.value(),
               process.start.nanoseconds,
               hex(process.name),
               process.command_line ? hex(*process.command_line) : "none",
               process.program ? hex(snapshot.programs[process.program->value()].path) : "none");
  }
  for (const auto& socket : snapshot.sockets) {
    fmt::print("{} socket {} {} {} {} {} {} {} {} {}\n",
               seq,
               static_cast<int>(socket.protocol),
               static_cast<int>(socket.state),
               socket.local_port.value(),
               socket.remote_port.value(),
               static_cast<std::int64_t>(socket.cookie.value()),
               static_cast<std::int64_t>(socket.inode.value()),
               socket.uid ? std::to_string(socket.uid->value()) : "none",
               hex(snapshot.namespaces[socket.netns.value()].label),
               hex(socket.name));
  }
  for (const auto& holder : snapshot.holders) {
    const auto& socket = snapshot.sockets[holder.socket.value()];
    const auto& process = snapshot.processes[holder.process.value()];
    fmt::print("{} holder {} {} {} {}\n",
               seq,
               static_cast<std::int64_t>(socket.cookie.value()),
               static_cast<std::int64_t>(socket.inode.value()),
               process.pid.value(),
               holder.fd.value());
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) {
    std::fputs("usage: make_history PATH SEED LENGTH\n", stderr);
    return 2;
  }
  const auto history = sockwitness::test::write_history(arguments[1],
                                                        std::strtoull(arguments[2], nullptr, 10),
                                                        std::strtoull(arguments[3], nullptr, 10));
  for (const auto& seen : history) {
    print_snapshot(seen.snapshot);
  }
  return 0;
}
