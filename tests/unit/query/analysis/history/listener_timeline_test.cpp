// What becomes of listeners over a few snapshots, some of which could not see everything.
#include "query/analysis/history/listener_timeline.h"

#include <catch2/catch.hpp>

#include "tests/unit/query/scene.h"

namespace sockwitness {

using query::EventSnapshot;
using query::ListenerTimeline;
using query::Observation;
using query::ObservedThings;
using query::TimelineEvent;
using schema::Seq;
using test::Scene;

namespace {

struct Listener {
  const char* end;  // "ADDRESS PORT"
  const char* owner;
  int pid;
  std::uint64_t cookie;
  std::optional<bool> v6only = std::nullopt;
  std::string target = {};                 // of a relay
  std::optional<std::string> device = {};  // that it is bound to; empty: which one is not known
};

struct Look {
  std::vector<Listener> listeners;
  std::vector<int> unread = {};  // pids whose descriptors could not be read
  bool blind = false;            // TCP could not be read
  const char* netns = "host";
};

class Film {
 public:
  // `meant`: the owner that the question is about; everybody when it is empty.
  explicit Film(std::string meant = "")
      : timeline_(ListenerTimeline::Chosen::Leave,
                  [meant](const schema::SnapshotView& view, schema::SocketIndex index) {
                    const auto holders = view.holders(index);
                    return meant.empty() || (!holders.empty() &&
                                             view.process(holders.front().process).name == meant);
                  },
                  {[this](Seq seq) { return views_.at(seq); },
                   [](const schema::SeqRange& range) { return std::vector{range.last}; }}) {}

  void show(const Look& look) {
    const Seq seq(static_cast<std::int64_t>(views_.size()) + 1);
    Scene scene(seq.value());
    scene.snapshot.namespaces.front() = {schema::Inode(7), look.netns};
    std::vector<schema::SocketIndex> sockets;
    std::vector<query::Identity> identities;
    for (const Listener& each : look.listeners) {
      const auto socket = scene.socket(schema::Protocol::Tcp, each.end);
      scene.at(socket).v6only = each.v6only;
      if (each.device) {
        scene.at(socket).interface = schema::InterfaceIndex(2);
        scene.at(socket).interface_name = *each.device;
      }
      const bool unread =
          std::find(look.unread.begin(), look.unread.end(), each.pid) != look.unread.end();
      const auto process =
          scene.process(each.owner, each.pid, std::string("/usr/bin/") + each.owner);
      if (!each.target.empty()) {
        using namespace std::string_literals;
        scene.at(process).command_line =
            each.owner + "\0TCP-LISTEN:80,fork\0"s + each.target + "\0"s;
      }
      if (unread) {
        scene.at(socket).no_holder = schema::NoHolderReason::Permission;
      } else {
        scene.hold(socket, process, 3);
      }
      sockets.push_back(socket);
      identities.push_back({0, 0, each.cookie, {}});
    }
    auto view = std::make_shared<schema::Visibility>();
    view->namespaces = scene.snapshot.namespaces;
    for (const int pid : look.unread) {
      schema::Gap gap;
      gap.source = schema::GapSource::Descriptors;
      gap.pid = schema::Pid(pid);
      view->gaps.push_back(gap);
    }
    if (look.blind) {
      schema::Gap gap;
      gap.object = schema::Protocol::Tcp;
      view->gaps.push_back(gap);
    }
    views_[seq] = view;
    const auto event_snapshot = std::make_shared<const EventSnapshot>(std::move(scene.snapshot));
    timeline_.add({{seq, seq}, {}, {}, std::move(view)},
                  ObservedThings{event_snapshot,
                                 event_snapshot->view(),
                                 sockets,
                                 {},
                                 identities,
                                 std::vector<bool>(sockets.size(), false),
                                 identities},
                  events_);
  }

  // "owner_changed 1-3 nginx→nc": the kind, the snapshots around it, who was there and is.
  [[nodiscard]] std::vector<std::string> story() const {
    std::vector<std::string> words;
    const auto name = [](const schema::Service& service) {
      return service.owners.empty() ? std::string("?") : service.owners.front().name;
    };
    for (const TimelineEvent& event : events_) {
      const auto& facts = std::get<query::ListenerFacts>(event.what);
      std::string text(query::event_kind_word(event.kind));
      if (event.not_before) {
        text += " " + std::to_string(event.not_before->value()) + "-" +
                std::to_string(event.seq->value());
      }
      text += " " + (facts.before ? name(*facts.before) + "→" : std::string());
      words.push_back(text + name(*facts.now));
    }
    return words;
  }

 private:
  std::map<Seq, schema::SharedVisibility> views_;
  ListenerTimeline timeline_;
  std::vector<TimelineEvent> events_;
};

std::vector<std::string> story_of(const std::vector<Look>& looks, std::string meant = "") {
  Film film(std::move(meant));
  for (const Look& look : looks) {
    film.show(look);
  }
  return film.story();
}

const Listener kNginx{"0.0.0.0 80", "nginx", 10, 1};
const Listener kNc{"0.0.0.0 80", "nc", 20, 2};

using Story = std::vector<std::string>;

}  // namespace

// One recording without capabilities between two with them made a hijacked port a restart.
TEST_CASE("another owner is told although a snapshot between could not see whose it was") {
  SECTION("taken over after it") {
    CHECK(story_of({{{kNginx}}, {{kNginx}, {10, 20}}, {{kNc}}}) ==
          Story{"listener_present nginx", "owner_changed 1-3 nginx→nc"});
  }
  SECTION("taken over before it") {
    CHECK(story_of({{{kNginx}}, {{kNc}, {10, 20}}, {{kNc}}}) ==
          Story{"listener_present nginx",
                "listener_restarted 1-2 nginx→?",
                "owner_changed 1-3 nginx→nc"});
  }
  SECTION("joined while only the first could be seen") {
    const Listener other{"0.0.0.0 80", "nc", 20, 1};
    CHECK(story_of({{{kNginx}}, {{kNginx}, {20}}, {{kNginx, other}}}) ==
          Story{"listener_present nginx", "owner_changed 1-3 nginx→nginx"});
  }
  SECTION("nobody ever saw who was there before") {
    CHECK(story_of({{{kNginx}, {10, 20}}, {{kNc}}}) ==
          Story{"listener_present ?", "listener_restarted 1-2 ?→nc"});
  }
}

TEST_CASE("a listener that was out of sight is the same one when it has its old cookie") {
  CHECK(story_of({{{kNginx}}, {{}, {}, true}, {{kNginx}}}) == Story{"listener_present nginx"});
  const Listener again{"0.0.0.0 80", "nginx", 11, 7};
  CHECK(story_of({{{kNginx}}, {{}, {}, true}, {{again}}}) ==
        Story{"listener_present nginx", "listener_restarted 1-3 nginx→nginx"});
}

// What lived on under another name had vanished and appeared.
TEST_CASE("a listener stays when its namespace gets a name or its interface is not told") {
  const Look numbered{{kNginx}, {}, false, "netns 7"};
  CHECK(story_of({numbered, {{kNginx}, {}, false, "blue"}}) == Story{"listener_present nginx"});
  const Listener other{"0.0.0.0 80", "nginx", 11, 7};
  CHECK(story_of({numbered, {{other}, {}, false, "blue"}}) == Story{"listener_present nginx",
                                                                    "listener_appeared 1-2 nginx",
                                                                    "listener_vanished 1-2 nginx"});
  Listener bound = kNginx;
  bound.device = "br0";
  Listener untold = kNginx;
  untold.device = "";
  CHECK(story_of({{{bound}}, {{untold}}, {{untold}}, {{bound}}}) ==
        Story{"listener_present nginx"});
  const Look nowhere{{untold}, {}, false, "netns 7"};
  CHECK(story_of({{{bound}, {}, false, "netns 7"}, nowhere, {{untold}, {}, false, "blue"}, {}}) ==
        Story{"listener_present nginx", "listener_vanished 3-4 nginx"});
}

// Only a diff told it.
TEST_CASE("a relay that leads elsewhere is told") {
  const auto relay = [](int pid, std::uint64_t cookie, const char* target) {
    return Listener{"0.0.0.0 80", "socat", pid, cookie, std::nullopt, target};
  };
  const std::string changed = "forwarding_changed 1-2 socat→socat";
  CHECK(story_of({{{relay(10, 1, "TCP:db:1")}}, {{relay(10, 1, "TCP:evil:1")}}}) ==
        Story{"listener_present socat", changed});
  CHECK(story_of({{{relay(10, 1, "TCP:db:1")}}, {{relay(11, 2, "TCP:evil:1")}}}) ==
        Story{"listener_present socat", "listener_restarted 1-2 socat→socat", changed});
  CHECK(story_of({{{relay(10, 1, "TCP:db:1")}}, {{relay(11, 2, "TCP:db:1")}}}) ==
        Story{"listener_present socat", "listener_restarted 1-2 socat→socat"});
  CHECK(story_of({{{relay(10, 1, "TCP:db:1")}},
                  {{relay(11, 2, "TCP:db:1")}, {11}},
                  {{relay(11, 2, "TCP:evil:1")}}}) == Story{"listener_present socat",
                                                            "listener_restarted 1-2 socat→?",
                                                            "forwarding_changed 1-3 socat→socat"});
}

TEST_CASE("a question about an owner changes no event, and hears of both sides of a change") {
  const std::vector<Look> looks{{}, {{kNginx}}, {{kNc}}, {{kNginx}}, {}};
  const std::string to_nc = "owner_changed 2-3 nginx→nc";
  const std::string to_nginx = "owner_changed 3-4 nc→nginx";
  CHECK(story_of(looks, "nc") == Story{to_nc, to_nginx});
  CHECK(story_of(looks, "nginx") ==
        Story{"listener_appeared 1-2 nginx", to_nc, to_nginx, "listener_vanished 4-5 nginx"});
  CHECK(story_of(looks, "sshd").empty());
}

TEST_CASE("reach is judged over everything that an owner has at a port") {
  const auto at = [](const char* end, std::uint64_t cookie, std::optional<bool> v6only) {
    return Listener{end, "nginx", 10, cookie, v6only};
  };
  const Listener only_v6 = at(":: 80", 1, true);
  const Listener both = at(":: 80", 2, false);
  const Listener loopback = at("127.0.0.1 80", 3, std::nullopt);
  const Listener any = at("0.0.0.0 80", 4, std::nullopt);
  struct Row {
    std::vector<Listener> before;
    std::vector<Listener> after;
    Story story;
  };
  const std::string widened = "exposure_widened 1-2 nginx→nginx";
  const std::string narrowed = "exposure_narrowed 1-2 nginx→nginx";
  const std::string restarted = "listener_restarted 1-2 nginx→nginx";
  const Row row = GENERATE_COPY(values<Row>({
      {{only_v6}, {both}, {restarted, widened}},
      {{both}, {only_v6}, {restarted, narrowed}},
      {{loopback}, {any}, {widened}},
      {{loopback}, {loopback, any}, {widened}},
      {{loopback, any}, {loopback}, {narrowed}},
      {{loopback, any}, {any}, {"listener_vanished 1-2 nginx"}},
      {{any}, {any, only_v6}, {widened}},
  }));
  Story story = story_of({{row.before}, {row.after}});
  std::erase(story, "listener_present nginx");
  CHECK(story == row.story);
}

}  // namespace sockwitness
