// Programs that look like runtimes and are in no table are told as such in an account.
#include "query/analysis/unknown_runtime.h"

#include <catch2/catch.hpp>

#include "query/analysis/explain.h"
#include "tests/unit/query/owner_scene.h"

namespace sockwitness {
namespace {

using namespace std::string_literals;

schema::Owner running(std::string_view program, std::string line) {
  schema::Owner owner = test::owner(program);
  owner.command_line = std::move(line);
  return owner;
}

}  // namespace

TEST_CASE("unknown runtime: the file that its first argument names") {
  for (const auto& [line, app] : std::vector<std::pair<std::string, std::string>>{
           {"hyper\0/srv/shop.hx\0--port\0"
            "80\0"s,
            "/srv/shop.hx"},
           {"hyper\0shop.hx\0"s, "shop.hx"},
           {"hyper\0./shop.hx\0"s, "./shop.hx"},
           {"/opt/hyper\0/srv/bin/shop\0"s, "/srv/bin/shop"}}) {
    const schema::Owner owner = running("/opt/hyper", line);
    CHECK(query::unknown_app(owner) == app);
    CHECK(query::explain(test::tcp("0.0.0.0 80", {owner}), "")
              .find("runs what its arguments name, " + app + ": its app is not known") !=
          std::string::npos);
  }
}

TEST_CASE("unknown runtime: what servers are told of themselves is no app") {
  for (const std::string& line :
       std::vector<std::string>{"vsftpd\0/etc/vsftpd.conf\0"s,
                                "redis-server\0"
                                "127.0.0.1:6379\0"s,
                                "redis-server\0/srv/redis.conf\0"s,
                                "dnsmasq\0-x\0/run/dnsmasq/dnsmasq.pid\0"s,
                                "minio\0server\0/data\0"s,
                                "mosquitto\0-c\0/srv/m\0"s,
                                "nginx: master process /usr/sbin/nginx\0\0\0\0"s,
                                "sshd\0"s,
                                "x\0/srv/data/\0"s,
                                "x\0"
                                "10.0.0.1\0"s,
                                "x\0.hidden\0"s,
                                ""s}) {
    INFO(line);
    const schema::Owner owner = running("/usr/sbin/daemon", line);
    CHECK(query::unknown_app(owner).empty());
    CHECK(query::explain(test::tcp("0.0.0.0 80", {owner}), "").find("not known") ==
          std::string::npos);
  }
}

TEST_CASE("unknown runtime: what a title hides is told as hidden") {
  const auto explained = [](const std::string& line) {
    return query::explain(test::tcp("0.0.0.0 80", {running("/usr/bin/ruby3.1", line)}), "");
  };
  const std::string words = "its title hides what it runs";
  CHECK(explained("shop is serving\0\0\0"s).find(words) != std::string::npos);
  CHECK(explained("ruby\0/srv/shop.rb\0"s).find(words) == std::string::npos);
  CHECK(explained("puma 5.6.5 (tcp://0.0.0.0:80) [shop]\0\0"s).find(words) == std::string::npos);
}

TEST_CASE("unknown runtime: what a table knows is told as what it is") {
  CHECK(query::unknown_app(running("/usr/bin/python3.11", "python3\0/srv/shop.py\0"s)).empty());
  schema::Owner relay = running("/usr/bin/relay", "relay\0/srv/shop.hx\0"s);
  relay.forwards_to = "TCP:10.0.0.1:80";
  CHECK(query::unknown_app(relay).empty());
  schema::Owner unread = running("/usr/bin/hyper", "hyper\0/srv/shop.hx\0"s);
  unread.program.reset();
  CHECK(query::unknown_app(unread).empty());
}

}  // namespace sockwitness
