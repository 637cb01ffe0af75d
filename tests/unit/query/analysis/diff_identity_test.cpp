// One service, one name: what makes an owner or a place another one, and what does not.
#include <catch2/catch.hpp>

#include "query/analysis/diff.h"
#include "tests/unit/query/analysis/diff_scene.h"

namespace sockwitness {

using query::Change;
using query::ChangeKind;
using query::compare_services;
using query::Severity;
using schema::Owner;
using schema::Service;
using test::as_user;
using test::check;
using test::compare;
using test::in;
using test::only;
using test::owner;
using test::set_of;
using test::started;
using test::tcp;
using test::with_script;

namespace {

constexpr const char* kEnd = "127.0.0.1 8080";

Owner running(std::string_view program, std::initializer_list<std::string_view> arguments) {
  Owner made = owner(program);
  made.command_line.emplace();
  for (const std::string_view argument : arguments) {
    made.command_line->append(argument).push_back('\0');
  }
  return made;
}

Service on(std::string_view device, Service service) {
  service.endpoint.device = device;
  return service;
}

Owner with_content(Owner owner, char content) {
  owner.program->sha256 = std::string(32, content);
  return owner;
}

}  // namespace

TEST_CASE("identity: the application of a runtime, by whatever names it") {
  const Owner code = running("/usr/bin/python3.11", {"python3", "-c", "serve(1)"});
  const Owner other = running("/usr/bin/python3.11", {"python3", "-c", "serve(2)"});
  CHECK(compare({tcp(kEnd, {code})}, {tcp(kEnd, {code})}).changes.empty());
  check(only(compare({tcp(kEnd, {code})}, {tcp(kEnd, {other})})),
        ChangeKind::OwnerChanged,
        Severity::High);
  const auto server = [](std::string_view object) {
    Owner made =
        running("/usr/bin/python3.11", {"python3", "/usr/bin/gunicorn", "-w", "4", object});
    return with_script(made, "/usr/bin/gunicorn");
  };
  check(only(compare({tcp(kEnd, {server("shop:app")})}, {tcp(kEnd, {server("evil:app")})})),
        ChangeKind::OwnerChanged,
        Severity::High);
  // The same application, when its title is all that is left.
  const Owner titled = running("/usr/bin/python3.11", {"gunicorn: master [shop:app]"});
  CHECK(compare({tcp(kEnd, {titled})}, {tcp(kEnd, {titled})}).changes.empty());
  const Owner stranger = running("/usr/bin/python3.11", {"gunicorn: master [evil:app]"});
  check(only(compare({tcp(kEnd, {titled})}, {tcp(kEnd, {stranger})})),
        ChangeKind::OwnerChanged,
        Severity::High);
}

TEST_CASE("identity: a container is what people call it") {
  const auto within = [](char id, std::string name, std::string image) {
    Owner made = owner("/usr/sbin/nginx");
    made.container = std::string(64, id);
    if (!name.empty()) {
      auto& facts = made.container_facts.emplace();
      facts.name = std::move(name);
      facts.image = std::move(image);
    }
    return made;
  };
  const auto judge = [&](const Owner& before, const Owner& after) {
    return compare({tcp(kEnd, {before})}, {tcp(kEnd, {after})}).changes;
  };
  const Owner web = within('a', "web", "nginx:1.24");
  CHECK(judge(web, within('b', "web", "docker.io/library/nginx:1.25")).empty());
  CHECK(judge(web, within('b', "", "")).empty());
  CHECK(judge(within('a', "", ""), within('b', "", "")).empty());
  for (const Owner& other :
       {within('b', "miner", "nginx:1.24"), within('b', "web", "evil/nginx")}) {
    const auto changes = judge(web, other);
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].kind == ChangeKind::OwnerChanged);
    CHECK(changes[0].severity == Severity::High);
    CHECK(changes[0].why.find("container web of nginx:1.24") != std::string::npos);
  }
  // Called by its id before, and by its name now.
  // Each lies in a network namespace that is called after the other: they change places for ever.
  const Owner one = within('a', "", "");
  const Owner other = within('b', "", "");
  CHECK(compare({in("container " + one.container, tcp(kEnd, {other})),
                 in("container " + other.container, tcp(kEnd, {one}))},
                {in("container " + one.container, tcp(kEnd, {other})),
                 in("container " + other.container, tcp(kEnd, {one}))})
            .changes.size() == 2);
  const Owner unnamed = within('a', "", "");
  const auto diff = compare({in("container " + unnamed.container, tcp(kEnd, {unnamed}))},
                            {in("container web", tcp(kEnd, {web}))});
  for (const Change& change : diff.changes) {
    CHECK(change.severity == Severity::Info);
  }
}

TEST_CASE("identity: two titles that hide what runs are one owner as far as they say the same") {
  const auto titled = [](std::string_view title) { return running("/usr/bin/ruby3.1", {title}); };
  const Owner one = titled("shop serves 3 clients");
  CHECK(compare({tcp(kEnd, {one})}, {tcp(kEnd, {titled("shop serves 17 clients")})})
            .not_compared.empty());
  const Owner other = titled("evil serves 3 clients");
  const auto diff = compare({tcp(kEnd, {one})}, {tcp(kEnd, {other})});
  CHECK(diff.changes.empty());
  REQUIRE(diff.not_compared.size() == 1);
  CHECK(diff.not_compared.front().owners_only);
  CHECK(compare({tcp(kEnd, {test::in_unit(one, "w.service")})},
                {tcp(kEnd, {test::in_unit(other, "w.service")})})
            .not_compared.empty());
}

TEST_CASE("identity: the pools of php-fpm are its application") {
  const auto fpm = [](std::string_view title) { return running("/usr/sbin/php-fpm8.2", {title}); };
  const Owner master = fpm("php-fpm: master process (/etc/php/8.2/fpm/php-fpm.conf)");
  const Owner shop = fpm("php-fpm: pool shop");
  const Owner evil = fpm("php-fpm: pool evil");
  CHECK(compare({tcp(kEnd, {master, shop})}, {tcp(kEnd, {master, shop, shop})}).changes.empty());
  check(only(compare({tcp(kEnd, {master, shop})}, {tcp(kEnd, {master, evil})})),
        ChangeKind::OwnerChanged,
        Severity::High);
}

TEST_CASE("identity: what a title hides is not compared, unless a unit vouches for it") {
  const Owner known = with_script(running("/usr/bin/perl", {"perl", "/srv/w.pl"}), "/srv/w.pl");
  const Owner titled = running("/usr/bin/perl", {"w.pl: serving"});
  const auto diff = compare({tcp(kEnd, {known})}, {tcp(kEnd, {titled})});
  CHECK(diff.changes.empty());
  REQUIRE(diff.not_compared.size() == 1);
  CHECK(diff.not_compared.front().owners_only);
  CHECK(compare({tcp(kEnd, {test::in_unit(known, "w.service")})},
                {tcp(kEnd, {test::in_unit(titled, "w.service")})})
            .not_compared.empty());
}

TEST_CASE("identity: the same content at another path is low, and both paths are told") {
  const Owner before = with_content(owner("/srv/one/app"), 'x');
  const Owner after = with_content(owner("/srv/two/app"), 'x');
  const Change moved = only(compare({tcp(kEnd, {before})}, {tcp(kEnd, {after})}));
  check(moved, ChangeKind::OwnerChanged, Severity::Low);
  CHECK(moved.why.find("/srv/one/app") != std::string::npos);
  CHECK(moved.why.find("/srv/two/app") != std::string::npos);
  check(only(compare({tcp(kEnd, {before})}, {tcp(kEnd, {with_content(after, 'y')})})),
        ChangeKind::OwnerChanged,
        Severity::High);
  // A release folder: the same place, and its content is another one.
  Owner old = with_content(owner("/srv/app/releases/20261101/app"), 'x');
  Owner now = with_content(owner("/srv/app/releases/20261130/app"), 'y');
  now.program->verdict = schema::PackageVerdict::NotOwned;
  check(only(compare({tcp(kEnd, {old})}, {tcp(kEnd, {now})})),
        ChangeKind::ProgramChanged,
        Severity::High);
}

TEST_CASE("identity: one user under two names") {
  const Owner before = as_user(owner("/usr/sbin/nginx"), 33, "www-data");
  const Owner after = as_user(owner("/usr/sbin/nginx"), 33, "web");
  const Change renamed = only(compare({tcp(kEnd, {before})}, {tcp(kEnd, {after})}));
  check(renamed, ChangeKind::Renamed, Severity::Low);
  CHECK(renamed.why == "user 33 was called www-data, and is called web now");
  CHECK(compare({tcp(kEnd, {before})}, {tcp(kEnd, {as_user(before, 33, "33")})}).changes.empty());
}

TEST_CASE("identity: a service is bound to its interface") {
  const Owner server = owner("/usr/sbin/dnsmasq");
  const auto one = on("br0", tcp("10.0.0.1 53", {server}));
  const auto other = on("br1", tcp("10.0.0.1 53", {owner("/tmp/x")}));
  check(only(compare({one}, {one, other})), ChangeKind::NewListener, Severity::High);
  check(only(compare({one}, {tcp("10.0.0.1 53", {server})})),
        ChangeKind::ExposureWidened,
        Severity::High);
  check(only(compare({tcp("10.0.0.1 53", {server})}, {one})),
        ChangeKind::ExposureNarrowed,
        Severity::Info);
  check(only(compare({on("lo", tcp("0.0.0.0 53", {server}))},
                     {on("br0", tcp("0.0.0.0 53", {server}))})),
        ChangeKind::ExposureWidened,
        Severity::High);
  // Two servers of one program at two interfaces are two services.
  const auto twin = on("br1", tcp("10.0.0.1 53", {server}));
  check(only(compare({one, twin}, {one})), ChangeKind::VanishedService, Severity::Medium);
  check(only(compare({one}, {one, twin})), ChangeKind::NewListener, Severity::High);
  const auto inner = [&](std::string_view device) {
    return on(device, tcp("127.0.0.1 53", {server}));
  };
  check(only(compare({inner("lo")}, {inner("lo"), inner("br0")})),
        ChangeKind::NewListener,
        Severity::High);
  // A baseline of an earlier version does not know.
  Service unknown = tcp("10.0.0.1 53", {server});
  unknown.device_unknown = true;
  CHECK(compare({unknown}, {one}).changes.empty());
}

TEST_CASE("identity: a network namespace that lives on under another label") {
  const auto at = [](std::string_view label, int pid, std::uint64_t inode) {
    auto set = set_of({in(label, tcp(kEnd, {started(owner("/usr/sbin/nginx"), -50, pid, 1, 3)}))});
    set.namespaces = {{schema::Inode(inode), std::string(label)}};
    return set;
  };
  const Change renamed = only(compare_services(at("netns 4026532345", 7, 9), at("blue", 7, 9)));
  check(renamed, ChangeKind::Renamed, Severity::Info);
  // The number was given again, to another namespace.
  CHECK(compare_services(at("netns 4026532345", 7, 9), at("blue", 8, 9)).changes.front().kind !=
        ChangeKind::Renamed);
}

TEST_CASE("identity: a wall clock that is set makes no process younger") {
  const Owner before = owner("/usr/sbin/nginx");
  Owner after = started(before, 3);
  check(only(compare({tcp(kEnd, {before})}, {tcp(kEnd, {after})})),
        ChangeKind::Restarted,
        Severity::Info);
  after.start = before.start;
  CHECK(compare({tcp(kEnd, {before})}, {tcp(kEnd, {after})}).changes.empty());
}

TEST_CASE("identity: where a relay leads to") {
  const auto relay = [](std::string_view target) {
    return running("/usr/bin/socat", {"socat", "TCP-LISTEN:8080,fork", target});
  };
  const Change change =
      only(compare({tcp(kEnd, {relay("TCP:db:1")})}, {tcp(kEnd, {relay("TCP:evil:1")})}));
  check(change, ChangeKind::ForwardingChanged, Severity::High);
  CHECK(change.why == "port 8080 of socat led to TCP:db:1, and leads to TCP:evil:1 now");
  CHECK(
      compare({tcp(kEnd, {relay("TCP:db:1")})}, {tcp(kEnd, {relay("TCP:db:1")})}).changes.empty());
}

}  // namespace sockwitness
