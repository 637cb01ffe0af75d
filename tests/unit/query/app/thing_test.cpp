// The one word that a question is about: what is taken, for what, and what is refused.
#include "query/app/thing.h"

#include <catch2/catch.hpp>

#include "query/analysis/history/event_kind.h"
#include "schema/base/error.h"

namespace sockwitness {

using query::Filter;
using query::parse_thing;
using query::PortNames;
using query::Thing;

namespace {

Thing parse(const std::string& word) {
  return parse_thing(
      word, Filter{}, PortNames::parse("ssh 22/tcp\ndomain 53/tcp\ndomain 53/udp\n"));
}

// Which part of the filter a word fills.
std::string part_of(const std::string& word) {
  const Filter filter = parse(word).filter;
  std::string parts;
  const auto add = [&](bool filled, const char* name) { parts += filled ? name : ""; };
  add(!filter.endpoints.empty(), "endpoint");
  add(!filter.either.empty(), "address");
  add(!filter.remote.empty(), "remote");
  add(!filter.pids.empty(), "pid");
  add(!filter.programs.empty(), "program");
  add(!filter.users.empty(), "user");
  add(!filter.units.empty(), "unit");
  add(!filter.containers.empty(), "container");
  add(!filter.namespaces.empty(), "netns");
  return parts;
}

}  // namespace

TEST_CASE("several words of one kind are any of them, of several kinds all of it") {
  const PortNames names = PortNames::parse("ssh 22/tcp\n");
  const Thing ports = query::parse_things({"22", "8443/tcp"}, Filter{}, names);
  CHECK(ports.filter.endpoints.size() == 2);
  CHECK_FALSE(ports.as_program);
  const Thing both = query::parse_things({"nginx", "443"}, Filter{}, names);
  CHECK(both.filter.programs == std::vector<std::string>{"nginx"});
  CHECK(both.filter.endpoints.size() == 1);
  const Thing path = query::parse_things({"user:www-data", "/usr/sbin/nginx"}, Filter{}, names);
  REQUIRE(path.as_program);
  CHECK(path.as_program->programs == std::vector<std::string>{"/usr/sbin/nginx"});
  CHECK(path.as_program->users == path.filter.users);
  CHECK(path.as_program->endpoints.empty());
  CHECK(path.filter.endpoints.size() == 1);
  CHECK_THROWS_AS(query::parse_things({"web07.db"}, Filter{}, names), schema::Error);
}

TEST_CASE("a word is taken for one thing") {
  const std::pair<const char*, const char*> rows[] = {{"tcp/4444", "endpoint"},
                                                      {"4444", "endpoint"},
                                                      {"8443/tcp", "endpoint"},
                                                      {"8000-8099/udp", "endpoint"},
                                                      {"nginx", "program"},
                                                      {"python3.11", "program"},
                                                      {"postgresql@14-main", "program"},
                                                      {"ssh", "endpoint"},
                                                      {"udp/53", "endpoint"},
                                                      {"tcp/8000-8099", "endpoint"},
                                                      {"tcp/ssh", "endpoint"},
                                                      {"tcp/127.0.0.1:6379", "endpoint"},
                                                      {"tcp/[::1]:80", "endpoint"},
                                                      {"/run/x.sock", "endpoint"},
                                                      {"unix:/run/x.sock", "endpoint"},
                                                      {"unix:@abstract", "endpoint"},
                                                      {"rpc/100024", "endpoint"},
                                                      {"10.0.0.5", "address"},
                                                      {"10.0.0.0/8", "address"},
                                                      {"2001:db8::/32", "address"},
                                                      {"::1", "address"},
                                                      {"fe80::1", "address"},
                                                      {"remote:198.51.100.7", "remote"},
                                                      {"remote:[2001:db8::1]:443", "remote"},
                                                      {"pid:812", "pid"},
                                                      {"program:nginx", "program"},
                                                      {"program:/opt/a:b", "program"},
                                                      {"user:www-data", "user"},
                                                      {"unit:ssh.service", "unit"},
                                                      {"container:4f1c", "container"},
                                                      {"netns:blue", "netns"}};
  for (const auto& [word, part] : rows) {
    INFO(word);
    CHECK(part_of(word) == part);
  }
}

TEST_CASE("a path may be a program's, nothing else may") {
  CHECK(parse("/usr/sbin/nginx").as_program);
  CHECK_FALSE(parse("unix:/run/x.sock").as_program);
  CHECK_FALSE(parse("tcp/80").as_program);
}

TEST_CASE("what is no thing is refused with a reason") {
  const std::pair<const char*, const char*> rows[] = {
      {"", "reading"},
      {"pid:", "nothing stands after the colon"},
      {"pid:0", "not a process id"},
      {"pid:-4", "not a process id"},
      {"pid:99999999999", "not a process id"},
      {"program:", "nothing stands after the colon"},
      {"remote:somewhere", "not an address"},
      {"porgram:nginx", "unknown word"},
      {"tcp/", "reading"},
      {"tcp/65536", "reading"},
      {"tcp/90-80", "reading"},
      {"tcp/nosuchname", "reading"},
      {"tpc/80", "reading"},
      {"10.0.0.256", "reading"},
      {"rpc/x", "reading"}};
  for (const auto& [word, reason] : rows) {
    INFO(word);
    try {
      parse(word);
      FAIL_CHECK("accepted");
    } catch (const schema::Error& error) {
      CHECK(error.code() == schema::ExitCode::Usage);
      CHECK(std::string(error.what()).find(reason) != std::string::npos);
      INFO(error.what());
    }
  }
}

TEST_CASE("the question is about processes where only holders are spoken of") {
  CHECK(query::is_about_processes(parse("pid:812").filter));
  CHECK(query::is_about_processes(parse("user:root").filter));
  CHECK_FALSE(query::is_about_processes(parse("tcp/80").filter));
  CHECK_FALSE(query::is_about_processes(parse("10.0.0.5").filter));
  CHECK_FALSE(query::is_about_processes(Filter{}));
}

TEST_CASE("words of events are groups or kinds, each once") {
  using query::EventKind;
  using query::parse_event_kinds;
  CHECK(parse_event_kinds("listener_vanished") == query::EventKinds{EventKind::ListenerVanished});
  CHECK(parse_event_kinds("boot") == query::EventKinds{EventKind::Reboot});
  CHECK(parse_event_kinds("gap").size() == 3);
  CHECK(parse_event_kinds("nothing").empty());
  CHECK(parse_event_kinds("").empty());
  const auto words = query::known_event_words();
  const query::EventKinds all = parse_event_kinds("all");
  for (const std::string& word : words) {
    INFO(word);
    CHECK_FALSE(parse_event_kinds(word).empty());
    CHECK(std::count(words.begin(), words.end(), word) == 1);
  }
  for (const EventKind kind : all) {
    CHECK(parse_event_kinds(query::event_kind_word(kind)) == query::EventKinds{kind});
  }
}

}  // namespace sockwitness
