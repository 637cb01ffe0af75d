// Keeps many processes with many sockets for as long as somebody wants them.
//
// In:    farm PROCESSES TCP UDP UNIX: how many sockets of each kind in every process; TCP ones are
// a
//        listener and both ends of its loopback connections, on an address of the process's own.
// Out:   "ready" on standard output once all are open; they go when standard input ends, and the
//        farm ends when all of them have gone.
// Never: leaves a process behind (each asks to be killed with its parent), or a socket: a
//        connection ends at once instead of waiting out stray segments.
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <vector>

namespace {

struct Share {
  int tcp = 0;
  int udp = 0;
  int unix_domain = 0;
};

int checked(int result, const char* doing) {
  if (result < 0) {
    std::perror(doing);
    std::_Exit(1);
  }
  return result;
}

// The address family's own cast is the C interface's.
const sockaddr* generic(const sockaddr_in* address) {
  return reinterpret_cast<const sockaddr*>(address);
}

sockaddr_in loopback(int number) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(0x7F000001U + (static_cast<std::uint32_t>(number) << 8U));
  return address;
}

// Closing then resets the connection: 50,000 of them in TIME_WAIT would be there for the next row.
void leave_nothing_behind(int socket) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  checked(::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), "setsockopt");
}

// A listener of this process's own address, connected to from within: both ends stay open.
void open_connections(int number, int sockets) {
  sockaddr_in address = loopback(number);
  const int listener = checked(::socket(AF_INET, SOCK_STREAM, 0), "socket");
  checked(::bind(listener, generic(&address), sizeof address), "bind");
  checked(::listen(listener, 64), "listen");
  socklen_t size = sizeof address;
  checked(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
  for (int at = 1; at + 1 < sockets; at += 2) {
    const int client = checked(::socket(AF_INET, SOCK_STREAM, 0), "socket");
    checked(::connect(client, generic(&address), sizeof address), "connect");
    leave_nothing_behind(client);
    leave_nothing_behind(checked(::accept(listener, nullptr, nullptr), "accept"));
  }
}

void open_share(int number, const Share& share) {
  if (share.tcp > 0) {
    open_connections(number, share.tcp);
  }
  for (int at = 0; at < share.udp; ++at) {
    const sockaddr_in address = loopback(number);
    const int fd = checked(::socket(AF_INET, SOCK_DGRAM, 0), "socket");
    checked(::bind(fd, generic(&address), sizeof address), "bind");
  }
  for (int at = 0; at + 1 < share.unix_domain; at += 2) {
    std::array<int, 2> pair{};
    checked(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()), "socketpair");
  }
}

[[noreturn]] void run_child(int number, const Share& share, int ready, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) {
    std::_Exit(1);
  }
  open_share(number, share);
  checked(static_cast<int>(::write(ready, "+", 1)), "write");
  ::close(ready);
  while (true) {
    ::pause();
  }
}

// Killed processes close their sockets before they can be waited for.
void end_all(const std::vector<pid_t>& children) {
  for (const pid_t child : children) {
    ::kill(child, SIGKILL);
  }
  for (const pid_t child : children) {
    ::waitpid(child, nullptr, 0);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  if (arguments.size() != 5) {
    std::fputs("usage: farm PROCESSES TCP UDP UNIX\n", stderr);
    return 2;
  }
  const int processes = std::atoi(arguments[1]);
  const Share share{std::atoi(arguments[2]), std::atoi(arguments[3]), std::atoi(arguments[4])};
  const rlimit files{65'536, 65'536};
  ::setrlimit(RLIMIT_NOFILE, &files);
  std::array<int, 2> ready{};
  checked(::pipe(ready.data()), "pipe");
  const pid_t parent = ::getpid();
  std::vector<pid_t> children;
  for (int number = 0; number < processes; ++number) {
    const pid_t child = checked(::fork(), "fork");
    if (child == 0) {
      ::close(ready[0]);
      run_child(number, share, ready[1], parent);
    }
    children.push_back(child);
  }
  ::close(ready[1]);
  char byte = 0;
  int opened = 0;
  while (::read(ready[0], &byte, 1) == 1) {
    ++opened;
  }
  if (opened != processes) {
    std::fprintf(stderr, "farm: only %d of %d processes came up\n", opened, processes);
    return 1;
  }
  std::puts("ready");
  std::fflush(stdout);
  while (::read(STDIN_FILENO, &byte, 1) == 1) {
  }
  end_all(children);
  return 0;
}
