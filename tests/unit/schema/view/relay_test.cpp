#include "schema/view/relay.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using sockwitness::schema::compare_leads;
using sockwitness::schema::find_relay_target;
using sockwitness::schema::LeadChange;
using sockwitness::schema::Port;

namespace {

struct Sample {
  std::string program;
  std::vector<std::string> arguments;
  std::uint16_t port;
  std::string target;
};

}  // namespace

TEST_CASE("relays lead where their command line says") {
  const Sample samples[] = {
      {"/usr/bin/socat",
       {"socat", "TCP-LISTEN:80,fork", "TCP:10.0.0.5:8080"},
       80,
       "TCP:10.0.0.5:8080"},
      {"/usr/bin/socat",
       {"socat", "-d", "-T", "5", "EXEC:/bin/sh,pty", "tcp4-l:80"},
       80,
       "EXEC:/bin/sh"},
      {"/usr/bin/socat", {"socat", "-", "TCP-LISTEN:80"}, 80, "-"},
      {"/usr/bin/socat", {"socat", "-V"}, 80, ""},
      {"/usr/bin/ssh", {"ssh", "-N", "-L", "8080:db:5432", "gate"}, 8080, "db:5432 by gate"},
      {"/usr/bin/ssh",
       {"ssh", "-NfL127.0.0.1:8080:[fd00::1]:80", "me@gate"},
       8080,
       "[fd00::1]:80 by me@gate"},
      {"/usr/bin/ssh", {"ssh", "-L", "1:a:2", "-L", "3:b:4", "gate"}, 3, "b:4 by gate"},
      {"/usr/bin/ssh", {"ssh", "-L", "3:/run/x.sock", "gate"}, 3, "/run/x.sock by gate"},
      {"/usr/bin/ssh",
       {"ssh", "-p", "22", "-D", "1080", "gate", "sleep", "1"},
       1080,
       "SOCKS by gate"},
      {"/usr/bin/ssh", {"ssh", "-R", "8080:a:1", "gate"}, 8080, ""},
      {"/usr/bin/ssh", {"ssh", "gate"}, 22, ""},
      {"/usr/lib/systemd/systemd-socket-proxyd",
       {"systemd-socket-proxyd", "--exit-idle-time=5", "db:80"},
       1,
       "db:80"},
      {"/usr/lib/systemd/systemd-socket-proxyd", {"systemd-socket-proxyd"}, 1, ""},
      {"/usr/bin/ssh", {"ssh", "gate", "-N", "-L", "8080:db:1"}, 8080, "db:1 by gate"},
      {"/usr/bin/ssh", {"ssh", "gate", "x", "-L", "8080:db:1"}, 8080, ""},
      {"/usr/bin/ssh", {"ssh", "-L", "8080:db:1", "-l", "me", "gate"}, 8080, "db:1 by me@gate"},
      {"/usr/bin/ssh", {"ssh", "-L", "127.0.0.1/8080/db/1", "gate"}, 8080, "db:1 by gate"},
      {"/usr/bin/ssh", {"ssh", "-oLocalForward=8080 db:1", "gate"}, 8080, "db:1 by gate"},
      {"/usr/bin/ssh", {"ssh", "-o", "DynamicForward 8080", "gate"}, 8080, "SOCKS by gate"},
      {"/usr/bin/autossh", {"autossh", "-M", "0", "-L", "8080:db:1", "gate"}, 8080, "db:1 by gate"},
      {"/usr/bin/redir",
       {"redir", "--lport", "80", "--caddr=10.0.0.5", "--cport", "8080"},
       80,
       "10.0.0.5:8080"},
      {"/usr/bin/redir", {"redir", ":80", "10.0.0.5:8080"}, 80, "10.0.0.5:8080"},
      {"/usr/bin/ncat", {"ncat", "-lkp", "80", "-e", "/bin/cat"}, 80, "EXEC:/bin/cat"},
      {"/usr/bin/ncat", {"ncat", "-l", "80", "--sh-exec=cat"}, 80, "EXEC:cat"},
      {"/usr/bin/ncat", {"ncat", "-l", "80"}, 80, ""},
      {"/usr/sbin/haproxy", {"haproxy", "-Ws", "-f", "/a.cfg"}, 80, "what /a.cfg says"},
      {"/usr/sbin/haproxy", {"haproxy", "-v"}, 80, ""},
      {"/usr/sbin/nginx",
       {"nginx", "-g", "stream { server { listen 80; proxy_pass db:80; } }"},
       80,
       "db:80"},
      {"/usr/sbin/nginx", {"nginx", "-g", "daemon on;"}, 80, ""},
      {"/usr/sbin/nginx", {"nginx", "x"}, 80, ""}};
  for (const auto& sample : samples) {
    std::string line;
    for (const auto& argument : sample.arguments) {
      line.append(argument).push_back('\0');
    }
    INFO(sample.program << ": " << Catch::Detail::stringify(sample.arguments));
    CHECK(find_relay_target(sample.program, line, Port(sample.port)) == sample.target);
  }
}

TEST_CASE("a target that is another one, and a container that was made anew") {
  CHECK(compare_leads("db:1", "db:1") == LeadChange::Same);
  CHECK(compare_leads("db:1", "") == LeadChange::Same);
  CHECK(compare_leads("db:1", "evil:1") == LeadChange::Elsewhere);
  CHECK(compare_leads("TCP:db:1", "tcp4-connect:db:1") == LeadChange::Same);
  CHECK(compare_leads("UNIX-CLIENT:/a", "unix:/a") == LeadChange::Same);
  CHECK(compare_leads("UNIX:/a", "UNIX:/b") == LeadChange::Elsewhere);
  CHECK(compare_leads("TCP:db:1", "UDP:db:1") == LeadChange::Elsewhere);
  CHECK(compare_leads("what /srv/1.2/a.cfg says", "what /srv/1.3/a.cfg says") == LeadChange::Same);
  CHECK(compare_leads("what /srv/a.cfg says", "what /srv/b.cfg says") == LeadChange::Elsewhere);
  CHECK(compare_leads("1.2.3.4:80 in container 4f66ad9a0b2e",
                      "1.2.3.5:80 in container 0f66ad9a0b2e") == LeadChange::Recreated);
  CHECK(compare_leads("1.2.3.4:80 in container web", "1.2.3.5:80 in container web") ==
        LeadChange::Recreated);
  CHECK(compare_leads("1.2.3.4:80 in container web", "1.2.3.5:22 in container web") ==
        LeadChange::Elsewhere);
  CHECK(compare_leads("1.2.3.4:80 in container web", "1.2.3.5:80 in container db") ==
        LeadChange::Elsewhere);
  CHECK(compare_leads("1.2.3.4:80 in container web", "1.2.3.4:80") == LeadChange::Same);
  CHECK(compare_leads("1.2.3.4:80 in container web", "1.2.3.5:80") == LeadChange::Perhaps);
}
