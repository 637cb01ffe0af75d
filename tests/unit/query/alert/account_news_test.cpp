// What the policy says of services, told once, and with the change that shows the service.
#include "query/alert/account_news.h"

#include <catch2/catch.hpp>

#include "query/alert/thing_words.h"
#include "tests/unit/query/owner_scene.h"
#include "tests/unit/query/scene.h"

namespace sockwitness {

using namespace query;
using schema::Service;
using test::owner;
using test::tcp;

namespace {

PolicyEntry entry_for(std::uint16_t port, std::string reason) {
  PolicyEntry entry;
  entry.protocols = {schema::Protocol::Tcp};
  entry.ports = {{schema::Port(port), schema::Port(port)}};
  entry.reason = std::move(reason);
  return entry;
}

// Web is approved, the old thing was, nobody knows the agent.
struct Site {
  Site() {
    policy.entries = {entry_for(80, "the shop"), entry_for(25, "was needed")};
    policy.entries[1].expires = std::chrono::year_month_day{
        std::chrono::year(2026), std::chrono::month(1), std::chrono::day(1)};
  }

  std::vector<std::string> tell(std::vector<Service> services, std::vector<NewsItem>& changes) {
    const schema::ServiceSet set = test::set_of(std::move(services));
    const AccountBook book = account_for(set, policy, nullptr, test::kSceneTime, false);
    std::vector<std::string> words;
    for (const NewsItem& item : find_account_news(book, test::kSceneTime, changes, open)) {
      words.push_back(phrase_of(item));
    }
    return words;
  }

  Policy policy;
  std::vector<OpenSituation> open;
};

const Service kWeb = tcp("0.0.0.0 80", {owner("/usr/sbin/nginx")});
const Service kMail = tcp("0.0.0.0 25", {owner("/usr/sbin/exim4")});
const Service kAgent = tcp("0.0.0.0 7777", {owner("/opt/agent")});

NewsItem news_of(const Change& change) {
  NewsItem item;
  item.severity = change.severity;
  item.what = "new_listener";
  item.change = &change;
  return item;
}

}  // namespace

TEST_CASE("what nobody accounts for is told once, and again when it is back") {
  Site site;
  std::vector<NewsItem> none;
  using Words = std::vector<std::string>;
  CHECK(site.tell({kWeb, kMail, kAgent}, none) ==
        Words{"unexplained tcp 7777 by /opt/agent", "expired tcp 25 by /usr/sbin/exim4"});
  CHECK(site.tell({kWeb, kMail, kAgent}, none).empty());
  CHECK(site.tell({kWeb, kMail}, none).empty());
  CHECK(site.tell({kWeb, kMail, kAgent}, none) == Words{"unexplained tcp 7777 by /opt/agent"});
}

TEST_CASE("a change says what the policy says of its service") {
  Site site;
  const Change agent{ChangeKind::NewListener, Severity::High, kAgent.endpoint, {}, kAgent, "new"};
  const Change web{ChangeKind::NewListener, Severity::High, kWeb.endpoint, {}, kWeb, "new"};
  std::vector<NewsItem> changes{news_of(agent), news_of(web)};
  CHECK(site.tell({kWeb, kAgent}, changes).empty());
  CHECK(changes[0].approval == "nobody approved it");
  CHECK(changes[0].severity == Severity::High);
  CHECK(changes[1].approval == "approved: the shop");
  CHECK(changes[1].severity == Severity::Low);
  std::vector<NewsItem> none;
  CHECK(site.tell({kWeb, kAgent}, none).empty());
}

TEST_CASE("another program at an approved port does not weigh less for it") {
  Site site;
  const Change web{ChangeKind::OwnerChanged, Severity::High, kWeb.endpoint, kWeb, kWeb, "other"};
  std::vector<NewsItem> changes{news_of(web)};
  CHECK(site.tell({kWeb}, changes).empty());
  CHECK(changes[0].severity == Severity::High);
}

TEST_CASE("of an owner out of sight nobody says that he is not approved") {
  Site site;
  std::vector<NewsItem> none;
  Service unseen = tcp("0.0.0.0 9", {});
  unseen.no_holder = schema::NoHolderReason::Permission;
  CHECK(site.tell({unseen}, none).empty());
}

TEST_CASE("places and programs in a few words") {
  const auto where = [](std::string_view end) { return where_words(tcp(end, {}).endpoint); };
  CHECK(where("0.0.0.0 80") == "tcp 80");
  CHECK(where("127.0.0.1 80") == "tcp 127.0.0.1:80");
  CHECK(where("::1 80") == "tcp [::1]:80");
  CHECK(where("::ffff:127.0.0.1 80") == "tcp 127.0.0.1:80");
  schema::Endpoint inside = tcp("0.0.0.0 80", {}).endpoint;
  inside.netns = "blue";
  CHECK(where_words(inside) == "tcp 80 in blue");
  const schema::Owner python = test::with_script(owner("/usr/bin/python3"), "/tmp/x.py");
  CHECK(who_words(&python) == "/usr/bin/python3 /tmp/x.py");
  CHECK(who_words(nullptr).empty());
  Service forward = tcp("0.0.0.0 8080", {});
  forward.endpoint.name = "forward";
  forward.leads_to = "172.17.0.2:80 in container web";
  CHECK(owner_line(forward) == "leads to 172.17.0.2:80 in container web");
}

}  // namespace sockwitness
