// What the residents of the machine do: open their sockets, and wait.
#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <pty.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

namespace sockwitness::test {
namespace {

void require(bool done) {
  if (!done) {
    ::_exit(3);
  }
}

int inet(int type, const char* address, int port) {
  const int socket = ::socket(AF_INET, type, 0);
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(static_cast<std::uint16_t>(port));
  ::inet_pton(AF_INET, address, &place.sin_addr);
  require(::bind(socket, reinterpret_cast<sockaddr*>(&place), sizeof(place)) == 0);
  require(type != SOCK_STREAM || ::listen(socket, 16) == 0);
  return socket;
}

void inet6(int port) {
  const int socket = ::socket(AF_INET6, SOCK_STREAM, 0);
  const int only = 1;
  require(::setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only)) == 0);
  sockaddr_in6 place{};
  place.sin6_family = AF_INET6;
  place.sin6_port = htons(static_cast<std::uint16_t>(port));
  require(::bind(socket, reinterpret_cast<sockaddr*>(&place), sizeof(place)) == 0);
  require(::listen(socket, 16) == 0);
}

void unix_socket(int type, const std::string& name) {
  const int socket = ::socket(AF_UNIX, type, 0);
  sockaddr_un place{};
  place.sun_family = AF_UNIX;
  std::memcpy(place.sun_path, name.data(), name.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  require(::bind(socket, reinterpret_cast<sockaddr*>(&place), size) == 0);
  require(type != SOCK_STREAM || ::listen(socket, 16) == 0);
}

void connect_to(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(static_cast<std::uint16_t>(port));
  ::inet_pton(AF_INET, "127.0.0.1", &place.sin_addr);
  require(::connect(socket, reinterpret_cast<sockaddr*>(&place), sizeof(place)) == 0);
}

void become(unsigned uid) {
  require(::setgroups(0, nullptr) == 0 && ::setgid(uid) == 0 && ::setuid(uid) == 0);
  ::prctl(PR_SET_DUMPABLE, 1);
}

[[noreturn]] void wait_forever() {
  while (true) {
    ::pause();
  }
}

void be_database() {
  inet(SOCK_STREAM, "127.0.0.1", 5432);
  inet(SOCK_DGRAM, "0.0.0.0", 514);
  inet(SOCK_DGRAM, "0.0.0.0", 40123);
  unix_socket(SOCK_STREAM, "/run/db.sock");
  unix_socket(SOCK_DGRAM, "/run/db.log");
  unix_socket(SOCK_STREAM, std::string("\0db", 3));
}

// A master and a worker, both with the listener, as somebody else than root; two threads.
void be_shop() {
  const int listener = inet(SOCK_STREAM, "0.0.0.0", 8080);
  inet6(8081);
  become(33);
  if (::fork() == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::close(3);
    wait_forever();
  }
  connect_to(8080);
  require(::accept(listener, nullptr, nullptr) >= 0);
}

void be_tool() {
  const int packet = ::socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
  require(packet >= 0);
  sockaddr_ll place{};
  place.sll_family = AF_PACKET;
  place.sll_protocol = htons(ETH_P_ALL);
  place.sll_ifindex = 1;
  require(::bind(packet, reinterpret_cast<sockaddr*>(&place), sizeof(place)) == 0);
  require(::socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) >= 0);
  require(::socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE) >= 0);
  become(1000);
  inet(SOCK_STREAM, "0.0.0.0", 4444);
  inet(SOCK_DGRAM, "0.0.0.0", 40444);
  connect_to(8080);
}

// Somebody has logged in: a shell on a pseudo-terminal that the server holds.
void be_login() {
  inet(SOCK_STREAM, "0.0.0.0", 22);
  int master = -1;
  const pid_t shell = ::forkpty(&master, nullptr, nullptr, nullptr);
  require(shell >= 0);
  if (shell == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::close(3);
    const char* arguments[] = {"-bash", nullptr};
    const char* environment[] = {"SOCKWITNESS_PART=shell", nullptr};
    ::execve("/usr/bin/bash", const_cast<char**>(arguments), const_cast<char**>(environment));
    ::_exit(127);
  }
}

void play(const std::string& part) {
  ::signal(SIGHUP, SIG_IGN);
  if (part == "database") {
    be_database();
  } else if (part == "shop") {
    be_shop();
    std::thread(wait_forever).detach();
  } else if (part == "depot") {
    inet(SOCK_STREAM, "127.0.0.1", 8090);
    inet(SOCK_STREAM, "127.0.0.1", 6379);
  } else if (part == "tool") {
    be_tool();
  } else if (part == "lost") {
    inet(SOCK_STREAM, "127.0.0.1", 6666);
    become(1000);
  } else if (part == "login") {
    be_login();
  } else if (part == "blue" || part == "box") {
    inet(SOCK_STREAM, "0.0.0.0", 9000);
    unix_socket(SOCK_STREAM, std::string("\0", 1) + part);
  }
  if (part != "shell") {
    require(::write(3, ".", 1) == 1);
    ::close(3);
  }
}

}  // namespace
}  // namespace sockwitness::test

int main() {
  const char* part = std::getenv("SOCKWITNESS_PART");
  sockwitness::test::play(part == nullptr ? "shell" : part);
  sockwitness::test::wait_forever();
}
