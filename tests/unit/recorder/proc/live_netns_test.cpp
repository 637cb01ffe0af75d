// Namespaces, sockets and host facts over the real /proc.
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "recorder/os/dir.h"
#include "recorder/proc/host_source.h"
#include "recorder/proc/link_text.h"
#include "recorder/proc/netns_source.h"
#include "tests/unit/recorder/proc/child.h"
#include "tests/unit/recorder/proc/fake_host.h"

using namespace sockwitness;
using namespace sockwitness::recorder;
namespace fs = std::filesystem;

namespace {

schema::Inode netns_of(pid_t pid) {
  const auto text = read_link_at(AT_FDCWD, ("/proc/" + std::to_string(pid) + "/ns/net").c_str());
  return schema::Inode(parse_object_link(text.value(), "net").value());
}

const NetnsHandle* find(const NetnsReading& reading, schema::Inode inode) {
  const auto found = std::find_if(reading.namespaces.begin(),
                                  reading.namespaces.end(),
                                  [inode](const auto& each) { return each.inode == inode; });
  return found == reading.namespaces.end() ? nullptr : &*found;
}

bool needs_root() {
  if (::geteuid() == 0) {
    return false;
  }
  WARN("skipped: needs root, to make a network namespace");
  return true;
}

}  // namespace

TEST_CASE("live: the namespace of a process, open and entered by none") {
  if (needs_root()) {
    return;
  }
  const Child child([] { return ::unshare(CLONE_NEWNET) == 0; });
  REQUIRE(child.ready());
  auto roots = open_roots("/proc", "/");
  ProcNetnsSource source(roots.value());
  const auto reading = source.list_namespaces();
  const auto* handle = find(reading, netns_of(child.pid()));
  REQUIRE(handle != nullptr);
  CHECK(handle->descriptor != nullptr);
  CHECK(handle->member == schema::Pid(child.pid()));
  CHECK_FALSE(handle->host);
  const auto* own = find(reading, netns_of(::getpid()));
  REQUIRE(own != nullptr);
  CHECK(own->descriptor != nullptr);
  CHECK(std::count_if(reading.namespaces.begin(), reading.namespaces.end(), [](const auto& each) {
          return each.host;
        }) == 1);
}

TEST_CASE("live: namespaces that only a mount keeps, here and in another mount namespace") {
  if (needs_root()) {
    return;
  }
  std::string folder = (fs::temp_directory_path() / "sockwitness-netns-XXXXXX").string();
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  const std::string place = folder + "/kept one";
  std::ofstream(place).put('x');
  schema::Inode inode;
  // Mounted from inside, in a mount namespace of its own; then the process goes back.
  const Child child([&] {
    const int home = ::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    const bool done = ::unshare(CLONE_NEWNS | CLONE_NEWNET) == 0 &&
                      ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                      ::mount("/proc/self/ns/net", place.c_str(), nullptr, MS_BIND, nullptr) == 0 &&
                      ::setns(home, CLONE_NEWNET) == 0;
    ::close(home);
    return done;
  });
  REQUIRE(child.ready());
  struct stat status {};
  const std::string seen = "/proc/" + std::to_string(child.pid()) + "/root" + place;
  REQUIRE(::stat(seen.c_str(), &status) == 0);
  auto roots = open_roots("/proc", "/");
  ProcNetnsSource source(roots.value());
  const auto reading = source.list_namespaces();
  const auto* handle = find(reading, schema::Inode(status.st_ino));
  REQUIRE(handle != nullptr);
  CHECK(handle->descriptor != nullptr);
  CHECK(handle->name == place);
  CHECK_FALSE(handle->member);
  fs::remove_all(folder);
}

TEST_CASE("live: a namespace behind a descriptor") {
  const int held = ::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  const int other = ::open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
  auto roots = open_roots("/proc", "/");
  ProcNetnsSource source(roots.value());
  const auto handle = source.open_descriptor(schema::Pid(::getpid()), schema::Fd(held));
  REQUIRE(handle);
  CHECK(handle.value().inode == netns_of(::getpid()));
  CHECK(handle.value().descriptor != nullptr);
  CHECK_FALSE(source.open_descriptor(schema::Pid(::getpid()), schema::Fd(other)));
  CHECK_FALSE(source.open_descriptor(schema::Pid(::getpid()), schema::Fd(9999)));
  ::close(held);
  ::close(other);
}

TEST_CASE("live: what sockets say of themselves") {
  auto roots = open_roots("/proc", "/");
  ProcNetnsSource source(roots.value());
  const auto describe = [&](int fd) {
    auto described = source.describe_socket(schema::Pid(::getpid()), schema::Fd(fd));
    REQUIRE(described);
    struct stat status {};
    REQUIRE(::fstat(fd, &status) == 0);
    CHECK(described.value().socket.inode == schema::Inode(status.st_ino));
    CHECK(described.value().socket.cookie != schema::SocketCookie());
    ::close(fd);
    return std::move(described.value());
  };
  using schema::Family;
  using schema::Protocol;

  auto tcp = describe(::socket(AF_INET, SOCK_STREAM, 0));
  CHECK(tcp.socket.protocol == Protocol::Tcp);
  CHECK(tcp.socket.family == Family::Ipv4);
  CHECK(tcp.socket.state == schema::SocketState::Unbound);
  CHECK_FALSE(tcp.listed);
  if (::geteuid() == 0) {
    CHECK(tcp.netns.inode == netns_of(::getpid()));
  }

  const int bound = ::socket(AF_INET6, SOCK_DGRAM, 0);
  struct sockaddr_in6 address {};
  address.sin6_family = AF_INET6;
  if (::bind(bound, reinterpret_cast<struct sockaddr*>(&address), sizeof address) == 0) {
    const auto udp = describe(bound);
    CHECK(udp.socket.protocol == Protocol::Udp);
    CHECK(udp.socket.family == Family::Ipv6);
    CHECK(udp.socket.state == schema::SocketState::Unconnected);
    CHECK(udp.listed);
  }

  const int idle = ::socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in loopback {};
  loopback.sin_family = AF_INET;
  loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::bind(idle, reinterpret_cast<struct sockaddr*>(&loopback), sizeof loopback) == 0);
  const auto closed = describe(idle);
  CHECK(closed.socket.state == schema::SocketState::Close);
  CHECK(closed.socket.local_address == schema::IpAddress::parse("127.0.0.1"));
  CHECK(closed.socket.local_port != schema::Port());
  CHECK_FALSE(closed.listed);

  if (const int machine = ::socket(AF_VSOCK, SOCK_STREAM, 0); machine >= 0) {
    struct sockaddr_vm any {};
    any.svm_family = AF_VSOCK;
    any.svm_cid = VMADDR_CID_ANY;
    any.svm_port = VMADDR_PORT_ANY;  // ports of machines are not by namespace
    REQUIRE(::bind(machine, reinterpret_cast<struct sockaddr*>(&any), sizeof any) == 0);
    REQUIRE(::listen(machine, 1) == 0);
    socklen_t length = sizeof any;
    REQUIRE(::getsockname(machine, reinterpret_cast<struct sockaddr*>(&any), &length) == 0);
    const auto listener = describe(machine);
    CHECK(listener.socket.state == schema::SocketState::Listen);
    CHECK(listener.socket.name == "*:" + std::to_string(any.svm_port));
    CHECK_FALSE(listener.listed);
  }

  const auto local = describe(::socket(AF_UNIX, SOCK_SEQPACKET, 0));
  CHECK(local.socket.protocol == Protocol::Unix);
  CHECK(local.socket.type == schema::SocketType::SeqPacket);
  CHECK(local.listed);

  const auto route = describe(::socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
  CHECK(route.socket.protocol == Protocol::Netlink);
  CHECK(route.socket.number == NETLINK_ROUTE);
  CHECK_FALSE(route.listed);

  if (const int packet = ::socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ARP)); packet >= 0) {
    const auto described = describe(packet);
    CHECK(described.socket.protocol == Protocol::Packet);
    CHECK(described.socket.number == ETH_P_ARP);
    CHECK(described.listed);
  }
  if (const int raw = ::socket(AF_INET, SOCK_RAW, IPPROTO_ICMP); raw >= 0) {
    const auto described = describe(raw);
    CHECK(described.socket.protocol == Protocol::Raw);
    CHECK(described.listed);
  }
  if (const int crypto = ::socket(AF_ALG, SOCK_SEQPACKET, 0); crypto >= 0) {
    const auto described = describe(crypto);
    CHECK(described.socket.protocol == Protocol::Other);
    CHECK(described.socket.family == Family::Other);
    CHECK(described.socket.number == AF_ALG);
    CHECK_FALSE(described.listed);
  }

  const int file = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  CHECK(source.describe_socket(schema::Pid(::getpid()), schema::Fd(file)).error().number ==
        ENOTSOCK);
  CHECK(source.describe_socket(schema::Pid(::getpid()), schema::Fd(9999)).error().number == EBADF);
  ::close(file);
}

TEST_CASE("namespaces: one handle for each, members, and who refused") {
  FakeHost host;
  host.link("proc/1/ns/net", "net:[1000]");
  host.link("proc/1/ns/mnt", "mnt:[1001]");
  host.link("proc/7/ns/net", "net:[2000]");
  host.link("proc/7/ns/mnt", "mnt:[2001]");
  host.link("proc/8/ns/net", "net:[2000]");
  host.link("proc/9/ns/net", "nonsense");
  host.write("proc/10/stat", "");  // a zombie: no namespaces
  host.write("proc/7/mountinfo", "36 22 0:4 net:[3000] /keep rw - nsfs nsfs rw\n");
  host.write("proc/50/mountinfo", "36 22 0:4 net:[4000] /run/netns/blue rw - nsfs nsfs rw\n");
  ProcNetnsSource source(host.roots());
  const auto reading = source.list_namespaces();
  REQUIRE(reading.namespaces.size() == 4);
  CHECK(find(reading, schema::Inode(1000))->host);
  CHECK(find(reading, schema::Inode(1000))->member == schema::Pid(1));
  CHECK(find(reading, schema::Inode(2000))->member == schema::Pid(7));
  CHECK(find(reading, schema::Inode(2000))->descriptor == nullptr);
  CHECK(find(reading, schema::Inode(3000))->name == "/keep");
  CHECK_FALSE(find(reading, schema::Inode(3000))->member);
  CHECK(find(reading, schema::Inode(4000))->name == "blue");
  REQUIRE(reading.gaps.size() == 1);
  CHECK(reading.gaps[0].source == schema::GapSource::Namespace);
  CHECK(reading.gaps[0].count == 1);
}

// Enough processes for two threads: what they find is what one would have found.
TEST_CASE("namespaces: a search that is shared out") {
  FakeHost host;
  for (int pid = 1; pid <= 200; ++pid) {
    const std::string folder = "proc/" + std::to_string(pid);
    host.link(folder + "/ns/net",
              pid % 50 == 49 ? "nonsense"
              : pid < 150    ? "net:[1000]"
                             : "net:[2000]");
    host.link(folder + "/ns/mnt", pid > 120 ? "mnt:[2001]" : "mnt:[1001]");
  }
  host.write("proc/121/mountinfo", "36 22 0:4 net:[3000] /keep rw - nsfs nsfs rw\n");
  ProcNetnsSource source(host.roots());
  const auto reading = source.list_namespaces();
  REQUIRE(reading.namespaces.size() == 3);
  CHECK(find(reading, schema::Inode(1000))->member == schema::Pid(1));
  CHECK(find(reading, schema::Inode(2000))->member == schema::Pid(150));
  CHECK(find(reading, schema::Inode(3000))->name == "/keep");
  REQUIRE(reading.gaps.size() == 1);
  CHECK(reading.gaps[0].count == 4);
}

TEST_CASE("host: the context of a fake host") {
  FakeHost host;
  host.write("proc/sys/kernel/random/boot_id", "0b9b0bd2-97c1-4a50-9a1c-2fbd6b43c79d\n");
  host.write("proc/sys/net/ipv4/ip_local_port_range", "10000\t20000\n");
  host.write("root/var/lib/dbus/machine-id", std::string(32, 'b') + "\n");
  int asked = 0;
  ProcHostSource source(host.roots(), [&asked](std::vector<schema::Gap>&) {
    ++asked;
    return std::vector<schema::RpcRegistration>(2);
  });
  std::vector<schema::Gap> gaps;
  auto context = source.read_context(gaps);
  CHECK(gaps.empty());
  CHECK(context.boot_id == "0b9b0bd2-97c1-4a50-9a1c-2fbd6b43c79d");
  CHECK(context.machine_id == std::string(32, 'b'));
  CHECK(context.ephemeral_first == schema::Port(10000));
  CHECK(context.ephemeral_last == schema::Port(20000));
  CHECK(context.package_database_mtime_ns == 0);
  CHECK(context.recorder_uid == schema::Uid(::geteuid()));
  CHECK_FALSE(context.host_name.empty());
  CHECK(context.kernel.find(' ') != std::string::npos);
  CHECK(context.recorder_version == SOCKWITNESS_VERSION);
  CHECK(source.read_users(gaps) == std::vector<schema::UserName>{{schema::Uid(0), "root"}});
  CHECK(source.read_groups(gaps) == std::vector<schema::GroupName>{{schema::Gid(0), "root"}});
  CHECK(source.read_registrations(gaps).size() == 2);
  CHECK(asked == 1);

  host.write("root/etc/machine-id", std::string(32, 'a') + "\n");
  host.write("root/var/lib/dpkg/status", "Package: x\n");
  host.write("proc/sys/kernel/random/boot_id", "nonsense");
  fs::remove(host.proc() + "/sys/net/ipv4/ip_local_port_range");
  context = source.read_context(gaps);
  CHECK(context.machine_id == std::string(32, 'a'));
  CHECK(context.package_database_mtime_ns > 0);
  REQUIRE(gaps.size() == 2);
  CHECK(gaps[0].object == schema::GapPart::Boot);
  CHECK(gaps[1].object == schema::GapPart::EphemeralPorts);
}

TEST_CASE("live: the context of this host") {
  auto roots = open_roots("/proc", "/");
  ProcHostSource source(roots.value(), nullptr);
  std::vector<schema::Gap> gaps;
  const auto context = source.read_context(gaps);
  CHECK(gaps.empty());
  CHECK(context.boot_id.size() == 36);
  CHECK(context.ephemeral_first < context.ephemeral_last);
  CHECK(source.read_clock_sync(gaps));
  CHECK(gaps.empty());
  CHECK(source.read_registrations(gaps).empty());
}
