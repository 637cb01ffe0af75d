#include "query/analysis/diff.h"

#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/unit/query/analysis/diff_scene.h"

namespace sockwitness {

using query::Change;
using query::ChangeKind;
using query::Diff;
using query::Severity;
using schema::Service;
using test::as_user;
using test::check;
using test::compare;
using test::in;
using test::in_unit;
using test::kApp;
using test::kNginx;
using test::only;
using test::owner;
using test::started;
using test::tcp;
using test::udp;
using test::unix_name;
using test::with_content;
using test::with_script;

TEST_CASE("the same services make no difference, whoever serves them by which pid") {
  CHECK(
      compare({tcp("0.0.0.0 80", {kNginx})}, {tcp("0.0.0.0 80", {started(kNginx, -5, 999, 1, 7)})})
          .changes.empty());
}

TEST_CASE("new and vanished") {
  const Change fresh = only(compare({}, {tcp("0.0.0.0 4444", {kApp})}));
  check(fresh, ChangeKind::NewListener, Severity::High);
  CHECK(fresh.after);
  CHECK_FALSE(fresh.before);
  const Change gone = only(compare({tcp("0.0.0.0 4444", {kApp})}, {}));
  check(gone, ChangeKind::VanishedService, Severity::Medium);
  CHECK(gone.before);
  CHECK_FALSE(gone.after);
}

TEST_CASE("on loopback, a program that listened already is of no weight") {
  const std::vector<Service> before{tcp("0.0.0.0 80", {kNginx})};
  auto after = before;
  after.push_back(tcp("127.0.0.1 9000", {kNginx}));
  check(only(compare(before, after)), ChangeKind::NewListener, Severity::Info);
  after.back() = tcp("127.0.0.1 9000", {kApp});
  check(only(compare(before, after)), ChangeKind::NewListener, Severity::High);
  // The same interpreter running another script is another program.
  check(only(compare(
            {tcp("0.0.0.0 80", {kApp})},
            {tcp("0.0.0.0 80", {kApp}),
             tcp("127.0.0.1 81", {with_script(owner("/usr/bin/python3.11"), "/tmp/x.py")})})),
        ChangeKind::NewListener,
        Severity::High);
}

TEST_CASE("another owner at the same endpoint") {
  const Change change = only(compare({tcp("0.0.0.0 8080", {kNginx})},
                                     {tcp("0.0.0.0 8080", {as_user(kApp, 33, "www-data")})}));
  check(change, ChangeKind::OwnerChanged, Severity::High);
  CHECK(change.why ==
        "port 8080 was nginx (package example) as root, now python3.11 running /opt/app.py as "
        "www-data");
  CHECK(change.before->owners[0].path() == "/usr/sbin/nginx");
  CHECK(change.after->owners[0].script == "/opt/app.py");
}

TEST_CASE("who stayed of several owners does not hide that the port is open wider") {
  // The oldest of two owners left, and the other one opened the port to everybody.
  const auto left = started(kNginx, -50, 100, 1, 4);
  const auto stayed = started(kApp, -40, 101, 1, 4);
  check(only(compare({tcp("127.0.0.1 80", {left, stayed})}, {tcp("0.0.0.0 80", {stayed})})),
        ChangeKind::ExposureWidened,
        Severity::High);
}

TEST_CASE("a stranger who holds a service that moved is told as well") {
  const auto stranger = started(owner("/tmp/x"), 1, 300, 1, 9);
  for (const Diff& diff :
       {compare({tcp("0.0.0.0 8000", {kNginx})}, {tcp("0.0.0.0 8001", {kNginx, stranger})}),
        compare({tcp("127.0.0.1 80", {kNginx})}, {tcp("0.0.0.0 80", {kNginx, stranger})})}) {
    REQUIRE(diff.changes.size() == 2);
    const bool told = std::any_of(diff.changes.begin(), diff.changes.end(), [](const Change& each) {
      return each.kind == ChangeKind::OwnerChanged && each.severity == Severity::High;
    });
    CHECK(told);
  }
}

TEST_CASE("a wildcard that takes the place of several addresses took the port over") {
  const Diff diff =
      compare({tcp("0.0.0.0 80", {kNginx}), tcp("::1 80", {kNginx})}, {tcp(":: 80", {kApp})});
  check(only(diff), ChangeKind::OwnerChanged, Severity::High);
  // Side by side they are two services.
  CHECK(compare({tcp("127.0.0.1 80", {kNginx})}, {tcp("10.0.0.1 80", {kApp})}).changes.size() == 2);
}

TEST_CASE("a listener that an owner's child inherited is of no weight, one that it got is") {
  const auto server = started(owner("/usr/bin/redis-server"), -50, 100, 1, 6);
  const auto kept = started(owner("/usr/bin/dash"), 5, 200, 100, 6);
  const auto given = started(owner("/usr/bin/dash"), 5, 200, 100, 0);
  check(only(compare({tcp("0.0.0.0 1", {server})}, {tcp("0.0.0.0 1", {server, kept})})),
        ChangeKind::OwnerChanged,
        Severity::Info);
  check(only(compare({tcp("0.0.0.0 1", {server})}, {tcp("0.0.0.0 1", {server, given})})),
        ChangeKind::OwnerChanged,
        Severity::High);
  // system("a; b"): a shell, and what it runs.
  const auto job = started(owner("/usr/bin/rsync"), 5, 201, 200, 6);
  check(only(compare({tcp("0.0.0.0 1", {server})}, {tcp("0.0.0.0 1", {server, kept, job})})),
        ChangeKind::OwnerChanged,
        Severity::Info);
  // Two that claim to be each other's parents are nobody's children.
  const auto left = started(owner("/usr/bin/left"), 5, 300, 301, 6);
  const auto right = started(owner("/usr/bin/right"), 5, 301, 300, 6);
  check(only(compare({tcp("0.0.0.0 1", {server})}, {tcp("0.0.0.0 1", {server, left, right})})),
        ChangeKind::OwnerChanged,
        Severity::High);
}

TEST_CASE("other content under the same path: an upgrade if a package vouches for it") {
  const auto before = with_content(kNginx, 'a', true);
  check(only(compare({tcp("0.0.0.0 80", {before})},
                     {tcp("0.0.0.0 80", {with_content(before, 'b', true)})})),
        ChangeKind::ProgramChanged,
        Severity::Low);
  check(only(compare({tcp("0.0.0.0 80", {before})},
                     {tcp("0.0.0.0 80", {with_content(before, 'b', false)})})),
        ChangeKind::ProgramChanged,
        Severity::High);
  // While the old one is still served by a worker, and where the content is not known.
  CHECK(compare({tcp("0.0.0.0 80", {before, with_content(before, 'b', true)})},
                {tcp("0.0.0.0 80", {with_content(before, 'b', true)})})
            .changes.empty());
  auto unknown = before;
  unknown.program->sha256.clear();
  CHECK(compare({tcp("0.0.0.0 80", {before})}, {tcp("0.0.0.0 80", {unknown})}).changes.empty());
  // The script is part of the program.
  auto edited = kApp;
  edited.script_file->sha256 = std::string(32, 't');
  check(only(compare({tcp("0.0.0.0 80", {kApp})}, {tcp("0.0.0.0 80", {edited})})),
        ChangeKind::ProgramChanged,
        Severity::High);
}

TEST_CASE("the same service at wider or narrower reach") {
  const auto redis = owner("/usr/bin/redis-server");
  const Change wider =
      only(compare({tcp("127.0.0.1 6379", {redis})}, {tcp("0.0.0.0 6379", {redis})}));
  check(wider, ChangeKind::ExposureWidened, Severity::High);
  CHECK(wider.endpoint.address.text() == "0.0.0.0");
  CHECK(wider.before->endpoint.address.text() == "127.0.0.1");
  check(only(compare({tcp("0.0.0.0 6379", {redis})}, {tcp("127.0.0.1 6379", {redis})})),
        ChangeKind::ExposureNarrowed,
        Severity::Info);
  // A further address is wider, the first one unchanged; the further one is shown.
  for (const char* further : {"10.0.0.1 6379", "127.0.0.2 6379", "::1 6379"}) {
    const Change more = only(compare({tcp("127.0.0.1 6379", {redis})},
                                     {tcp("127.0.0.1 6379", {redis}), tcp(further, {redis})}));
    CHECK(more.after->endpoint == tcp(further, {redis}).endpoint);
    check(more,
          std::string_view(further).starts_with("127") ? ChangeKind::Moved
                                                       : ChangeKind::ExposureWidened,
          std::string_view(further).starts_with("127") ? Severity::Info : Severity::High);
  }
  // Two sockets or one that takes both families.
  auto both = tcp(":: 6379", {redis});
  both.v6only = false;
  auto six = tcp(":: 6379", {redis});
  six.v6only = true;
  CHECK(compare({tcp("0.0.0.0 6379", {redis}), six}, {both}).changes.empty());
  check(only(compare({six}, {both})), ChangeKind::ExposureWidened, Severity::High);
}

TEST_CASE("an address more or less of an SCTP server is told as its reach") {
  const auto at = [](std::string_view end) {
    schema::Service service = tcp(end, {kNginx});
    service.endpoint.protocol = schema::Protocol::Sctp;
    return service;
  };
  const std::vector<schema::Service> two{at("10.0.0.1 5000"), at("10.0.0.2 5000")};
  check(only(compare({at("10.0.0.1 5000")}, two)), ChangeKind::ExposureWidened, Severity::High);
  check(only(compare(two, {at("10.0.0.2 5000")})), ChangeKind::ExposureNarrowed, Severity::Info);
  CHECK(compare(two, two).changes.empty());
}

TEST_CASE("the same service in a further namespace") {
  check(
      only(compare({in("container a", tcp("0.0.0.0 80", {kNginx}))},
                   {in("container a", tcp("0.0.0.0 80", {kNginx})), tcp("0.0.0.0 80", {kNginx})})),
      ChangeKind::ExposureWidened,
      Severity::High);
  check(only(compare({tcp("0.0.0.0 80", {kNginx})}, {in("blue", tcp("0.0.0.0 80", {kNginx}))})),
        ChangeKind::ExposureNarrowed,
        Severity::Info);
}

TEST_CASE("a service that left one namespace for another has moved") {
  const auto compare_in = [](const char* from, const char* to) {
    return only(compare({in(from, tcp("0.0.0.0 80", {kNginx}))},
                        {in(to, tcp("0.0.0.0 80", {started(kNginx, -70)}))}));
  };
  // A namespace without a name has another number after every restart.
  check(compare_in("netns 4026532001", "netns 4026532777"), ChangeKind::Moved, Severity::Info);
  check(compare_in("unit a.service (netns 4026532001)", "unit a.service (netns 4026532777)"),
        ChangeKind::Moved,
        Severity::Info);
  check(compare_in("blue", "green"), ChangeKind::Moved, Severity::Low);
  check(compare_in("blue", "host"), ChangeKind::ExposureWidened, Severity::High);
  check(compare_in("host", "blue"), ChangeKind::ExposureNarrowed, Severity::Info);
  // Of two that it may have come from, it is the one that has gone.
  const Change moved = only(compare(
      {in("netns 1", tcp("0.0.0.0 80", {kNginx})), in("netns 2", tcp("0.0.0.0 80", {kNginx}))},
      {in("netns 1", tcp("0.0.0.0 80", {kNginx})), in("netns 3", tcp("0.0.0.0 80", {kNginx}))}));
  check(moved, ChangeKind::Moved, Severity::Info);
  CHECK(moved.before->endpoint.netns == "netns 2");
}

TEST_CASE("the same service at another port has moved") {
  const Change moved = only(compare({tcp("0.0.0.0 8000", {kApp})}, {tcp("0.0.0.0 8001", {kApp})}));
  check(moved, ChangeKind::Moved, Severity::Low);
  CHECK(moved.endpoint.port == schema::Port(8001));
  CHECK(moved.before->endpoint.port == schema::Port(8000));
  SECTION("not if it is another user's") {
    CHECK(compare({tcp("0.0.0.0 8000", {kApp})},
                  {tcp("0.0.0.0 8001", {as_user(kApp, 33, "www-data")})})
              .changes.size() == 2);
  }
  SECTION("not if only the interpreter is the same") {
    auto first = owner("/usr/bin/python3.11");
    auto second = first;
    second.command_line = std::string("python3\0-c\0evil\0", 16);
    CHECK(compare({tcp("0.0.0.0 8000", {first})}, {tcp("0.0.0.0 8001", {second})}).changes.size() ==
          2);
  }
  SECTION("wherever it can be reached from") {
    check(only(compare({tcp("127.0.0.1 8000", {kApp})}, {tcp("127.0.0.1 8001", {kApp})})),
          ChangeKind::Moved,
          Severity::Low);
    check(only(compare({tcp("0.0.0.0 8000", {kApp})}, {tcp("127.0.0.1 8001", {kApp})})),
          ChangeKind::Moved,
          Severity::Low);
  }
  SECTION("and if it can be reached from more places, that is what counts") {
    check(only(compare({tcp("127.0.0.1 8000", {kApp})}, {tcp("0.0.0.0 8001", {kApp})})),
          ChangeKind::ExposureWidened,
          Severity::High);
  }
  SECTION("not if it only holds the port for what it starts there") {
    auto systemd = owner("/usr/lib/systemd/systemd");
    systemd.manager = true;
    CHECK(compare({tcp("0.0.0.0 8000", {systemd})}, {tcp("0.0.0.0 8001", {systemd})})
              .changes.size() == 2);
  }
  SECTION("a fixed UDP port does not change by chance") {
    check(only(compare({udp("0.0.0.0 53", {kApp})}, {udp("0.0.0.0 5353", {kApp})})),
          ChangeKind::Moved,
          Severity::Low);
  }
  SECTION("a UDP port that the kernel chose or a unix name changes by chance") {
    check(only(compare({udp("0.0.0.0 40000", {kApp})}, {udp("0.0.0.0 41000", {kApp})})),
          ChangeKind::Moved,
          Severity::Info);
    check(only(compare({unix_name("/run/a.1", {kApp})}, {unix_name("/run/a.2", {kApp})})),
          ChangeKind::Moved,
          Severity::Info);
  }
}

TEST_CASE("an RPC program has no fixed port") {
  const auto rpc = [](Service service) {
    service.rpc = {100024};
    return service;
  };
  const auto statd = owner("/usr/sbin/rpc.statd");
  const Change moved =
      only(compare({rpc(udp("0.0.0.0 39873", {statd}))}, {rpc(udp("0.0.0.0 51002", {statd}))}));
  check(moved, ChangeKind::Moved, Severity::Low);
  CHECK(moved.why == "RPC 100024 status, which has no fixed port: 39873 before, 51002 now");
  check(only(compare({rpc(udp("0.0.0.0 39873", {statd}))}, {rpc(udp("0.0.0.0 51002", {kApp}))})),
        ChangeKind::OwnerChanged,
        Severity::High);
  // Wherever it listens: to everybody is more than to this host.
  check(only(compare({rpc(udp("127.0.0.1 39873", {statd}))}, {rpc(udp("0.0.0.0 51002", {statd}))})),
        ChangeKind::ExposureWidened,
        Severity::High);
  // Also of the kernel, which no process stands for.
  check(only(compare({rpc(tcp("0.0.0.0 39873", {}))}, {rpc(tcp("0.0.0.0 51002", {}))})),
        ChangeKind::Moved,
        Severity::Low);
}

TEST_CASE("a restart is told, and of no weight") {
  check(only(compare({tcp("0.0.0.0 80", {kNginx})}, {tcp("0.0.0.0 80", {started(kNginx, 3)})})),
        ChangeKind::Restarted,
        Severity::Info);
  // A worker that is younger is none.
  CHECK(compare({tcp("0.0.0.0 80", {kNginx})},
                {tcp("0.0.0.0 80", {kNginx, started(kNginx, 3, 101, 100)})})
            .changes.empty());
}

TEST_CASE("a UDP port that the kernel chose counts once it stays") {
  const auto standing = [](schema::Standing word) {
    auto service = udp("0.0.0.0 40123", {kApp});
    service.standing = word;
    return service;
  };
  using schema::Standing;
  for (const Standing word : {Standing::Passing, Standing::Unknown}) {
    check(only(compare({}, {standing(word)})), ChangeKind::NewListener, Severity::Info);
    CHECK(compare({standing(word)}, {}).changes.empty());
  }
  CHECK(compare({}, {standing(Standing::Client)}).changes.empty());
  CHECK(compare({standing(Standing::Listener)}, {standing(Standing::Client)}).changes.empty());
  check(only(compare({}, {standing(Standing::Listener)})), ChangeKind::NewListener, Severity::High);
  check(only(compare({standing(Standing::Passing)}, {standing(Standing::Listener)})),
        ChangeKind::NewListener,
        Severity::High);
  // Nobody could tell whether it was a client's then.
  CHECK(compare({standing(Standing::Unknown)}, {standing(Standing::Listener)}).changes.empty());
  check(only(compare({standing(Standing::Listener)}, {})),
        ChangeKind::VanishedService,
        Severity::Medium);
}

TEST_CASE("the number of a UDP port that the kernel chose means nothing") {
  using schema::Standing;
  const auto port = [](const char* end, Standing standing = Standing::Listener) {
    auto service = udp(end, {kApp});
    service.standing = standing;
    return service;
  };
  check(only(compare({port("0.0.0.0 40001")}, {port("0.0.0.0 50001")})),
        ChangeKind::Moved,
        Severity::Info);
  // A fixed port has not become a client's.
  const Diff fixed = compare({port("0.0.0.0 53")}, {port("0.0.0.0 50001", Standing::Client)});
  check(only(fixed), ChangeKind::VanishedService, Severity::Medium);
  // One worker more, one worker less.
  const auto two = std::vector{port("0.0.0.0 40001"), port("0.0.0.0 40002")};
  check(only(compare({port("0.0.0.0 40001")}, two)), ChangeKind::NewListener, Severity::Info);
  check(only(compare(two, {port("0.0.0.0 40002")})), ChangeKind::VanishedService, Severity::Info);
  // To everybody is more, and what was there for one instant only does not speak for what stays.
  check(only(compare({port("127.0.0.1 40001")}, {port("127.0.0.1 40001"), port("0.0.0.0 40002")})),
        ChangeKind::NewListener,
        Severity::High);
  check(only(compare({port("0.0.0.0 40001", Standing::Passing)}, {port("0.0.0.0 40002")})),
        ChangeKind::NewListener,
        Severity::High);
}

TEST_CASE("unix names are services of little weight") {
  check(only(compare({}, {unix_name("/run/x.sock", {kApp})})),
        ChangeKind::NewListener,
        Severity::Low);
  check(only(compare({unix_name("/run/x.sock", {kApp})}, {})),
        ChangeKind::VanishedService,
        Severity::Low);
  check(only(compare({unix_name("/run/x.sock", {kApp})},
                     {unix_name("/run/x.sock", {kApp}), unix_name("/run/y.sock", {kApp})})),
        ChangeKind::NewListener,
        Severity::Info);
  check(only(compare({unix_name("/run/x.sock", {kApp}), unix_name("/run/y.sock", {kApp})},
                     {unix_name("/run/x.sock", {kApp})})),
        ChangeKind::VanishedService,
        Severity::Low);
}

TEST_CASE("what is made for one login or one session comes and goes") {
  const auto agent = owner("/usr/sbin/sshd");
  for (const auto& service :
       {unix_name("/tmp/ssh-XXXXabcd/agent.77", {agent}),
        unix_name("/run/user/1000/gnupg/S.gpg-agent", {agent}),
        unix_name(std::string("\0random", 7), {in_unit(agent, "session-12.scope")})}) {
    check(only(compare({}, {service})), ChangeKind::NewListener, Severity::Info);
    check(only(compare({service}, {})), ChangeKind::VanishedService, Severity::Info);
  }
  // X11 for a login: on loopback, by a child of the server that listens all the time.
  auto child = agent;
  child.pid = schema::Pid(4242);
  child.parent = agent.pid;
  const auto always = tcp("0.0.0.0 22", {agent});
  const auto display = tcp("127.0.0.1 6010", {child});
  check(only(compare({always}, {always, display})), ChangeKind::NewListener, Severity::Info);
  check(only(compare({always, display}, {always})), ChangeKind::VanishedService, Severity::Info);
  // It was ending: only its name could be read.
  auto ending = child;
  ending.program.reset();
  check(only(compare({always, tcp("127.0.0.1 6010", {ending})}, {always})),
        ChangeKind::VanishedService,
        Severity::Info);
  check(only(compare({display}, {})), ChangeKind::VanishedService, Severity::Medium);
  check(only(compare({always, tcp("127.0.0.1 6010", {agent})}, {always})),
        ChangeKind::VanishedService,
        Severity::Medium);
  // Somebody else under a known name is told wherever it is.
  check(only(compare({unix_name("/tmp/x", {kApp})}, {unix_name("/tmp/x", {agent})})),
        ChangeKind::OwnerChanged,
        Severity::High);
}

// It was in the tables, and gone when its holder was looked for.
TEST_CASE("what was closed while a snapshot was taken counts on neither side") {
  auto closing = tcp("127.0.0.1 6010", {});
  closing.no_holder = schema::NoHolderReason::Exited;
  check(only(compare({}, {closing})), ChangeKind::NewListener, Severity::Info);
  check(only(compare({closing}, {})), ChangeKind::VanishedService, Severity::Info);
  closing.no_holder = schema::NoHolderReason::Permission;
  check(only(compare({}, {closing})), ChangeKind::NewListener, Severity::High);
}

TEST_CASE("a difference is the mirror of its mirror") {
  const std::vector<Service> one{tcp("0.0.0.0 1", {kNginx}), tcp("0.0.0.0 2", {kNginx})};
  const std::vector<Service> two{tcp("0.0.0.0 2", {kNginx}), tcp("::1 3", {kApp})};
  const Diff forward = compare(one, two);
  const Diff backward = compare(two, one);
  REQUIRE(forward.changes.size() == 2);
  REQUIRE(backward.changes.size() == 2);
  CHECK(forward.changes[0].endpoint == backward.changes[1].endpoint);
  CHECK(forward.changes[1].endpoint == backward.changes[0].endpoint);
}

TEST_CASE("kinds have words, and words are kinds") {
  for (const ChangeKind kind : query::all_change_kinds()) {
    CHECK(query::parse_change_kind(query::change_kind_word(kind)) == kind);
  }
  CHECK(query::all_change_kinds().size() == 12);
  CHECK_FALSE(query::parse_change_kind("new"));
}

}  // namespace sockwitness
