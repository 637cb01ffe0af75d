// A subject, a mail, entries of the journal and figures, from hosts that try to write them.
#include "query/report/alert/alert_forms.h"

#include <algorithm>
#include <map>

#include <catch2/catch.hpp>

#include "query/report/alert/alert_metrics.h"
#include "schema/base/error.h"
#include "tests/unit/query/scene.h"

namespace sockwitness {

using namespace query;
using namespace std::string_literals;

namespace {

NewsItem item_of(Severity severity, std::string where, std::string who) {
  NewsItem item;
  item.severity = severity;
  item.what = "new_listener";
  item.title = "new listener";
  item.where = {std::move(where)};
  item.who = std::move(who);
  return item;
}

struct Told {
  explicit Told(std::vector<NewsItem> news, std::string host = "web07") : items(std::move(news)) {
    latest.context.host_name = std::move(host);
  }
  [[nodiscard]] AlertInput input() const {
    return {.latest = latest,
            .present = present,
            .snapshots = {schema::Seq(3), schema::Seq(7)},
            .since = schema::Seq(2),
            .items = items,
            .command = "sockwitness",
            .note = {},
            .names = names};
  }

  schema::SnapshotInfo latest = test::info_at(7, 0);
  schema::ServiceSet present;
  std::vector<NewsItem> items;
  PortNames names;
};

std::vector<std::string> header_lines(const std::string& mail) {
  std::vector<std::string> lines;
  std::size_t at = 0;
  for (std::size_t end = mail.find('\n'); end != at; end = mail.find('\n', at)) {
    lines.push_back(mail.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

// As the journal reads an entry: NAME=VALUE, or NAME, the value's length in eight bytes, the value.
std::map<std::string, std::string> read_fields(std::string_view entry) {
  std::map<std::string, std::string> fields;
  while (!entry.empty()) {
    const std::size_t end = entry.find_first_of("=\n");
    REQUIRE(end != std::string_view::npos);
    const std::string name(entry.substr(0, end));
    std::size_t size = 0;
    std::size_t begin = end + 1;
    if (entry[end] == '=') {
      size = entry.find('\n', begin) - begin;
    } else {
      for (std::size_t at = 8; at > 0; --at) {
        size = size * 256 + static_cast<unsigned char>(entry.at(end + at));
      }
      begin += 8;
    }
    CHECK(fields.emplace(name, entry.substr(begin, size)).second);
    REQUIRE(entry.at(begin + size) == '\n');
    entry.remove_prefix(begin + size + 1);
  }
  return fields;
}

}  // namespace

TEST_CASE("the subject says what it is") {
  NewsItem gone = item_of(Severity::High, "tcp 1", "/x");
  gone.phase = NewsPhase::Gone;
  const Told told({item_of(Severity::High, "tcp 8443", "/var/tmp/.cache/updated"),
                   item_of(Severity::High, "tcp 1", "/x"),
                   item_of(Severity::Medium, "tcp 2", "/y"),
                   gone});
  CHECK(alert_subject(told.input()).text() ==
        "web07: 2 high, 1 medium, 1 gone: new listener tcp 8443 by /var/tmp/.cache/updated");
}

TEST_CASE("a hostile name stays within the subject") {
  const std::string name = GENERATE(as<std::string>(),
                                    "/tmp/x\nBcc: all@example.org\n\nhello",
                                    "/tmp/x\r\nX-A: b",
                                    "/tmp/\x1b]0;owned\x07",
                                    "/tmp/\xff\xfe",
                                    "/tmp/\u202egnp.exe",
                                    "/tmp/\u2028x",
                                    "/tmp/=?UTF-8?B?QmNjOiB4?=",
                                    "/tmp/日本語 " + std::string(400, 'a'),
                                    "/tmp/" + std::string(5000, '\n'),
                                    std::string("/tmp/\0x", 7));
  const Told told({item_of(Severity::High, "tcp 1", name)}, name);
  const std::string subject = alert_subject(told.input()).text();
  CHECK(std::none_of(subject.begin(), subject.end(), [](char letter) {
    return static_cast<unsigned char>(letter) < ' ' || letter == '\x7f';
  }));
  const std::string mail = write_alert_mail(told.input(), "root", "body\n");
  bool in_subject = false;
  for (const std::string& line : header_lines(mail)) {
    CAPTURE(line);
    in_subject = line.starts_with("Subject: ") || (in_subject && line.starts_with(" "));
    const bool ours = line.starts_with("To: root") || line.starts_with("MIME-Version: ") ||
                      line.starts_with("Content-T") || line.starts_with("Auto-Submitted: ");
    CHECK((ours || in_subject));
    CHECK(std::all_of(
        line.begin(), line.end(), [](char letter) { return letter >= ' ' && letter <= '~'; }));
  }
  CHECK(mail.ends_with("\n\nbody\n"));
}

TEST_CASE("a subject in other letters is encoded in words that a mail may have") {
  const Told told({item_of(Severity::High, "tcp 1", "/tmp/日本語日本語日本語日本語日本語")});
  const std::string mail = write_alert_mail(told.input(), "root", "");
  CHECK(mail.find("Subject: =?UTF-8?B?d2ViMDc6") != std::string::npos);
  for (const std::string& line : header_lines(mail)) {
    CHECK(line.size() <= 9 + 76);
  }
}

TEST_CASE("no line of a mail is longer than mails may have") {
  const Told told({item_of(Severity::High, "tcp 1", "/x")});
  std::string text;
  for (int count = 0; count < 3000; ++count) {
    text += "語";
  }
  const std::string mail = write_alert_mail(told.input(), "root", text + "\nshort\n");
  std::size_t at = 0;
  std::size_t letters = 0;
  while (at < mail.size()) {
    const std::size_t end = mail.find('\n', at);
    REQUIRE(end != std::string::npos);
    CHECK(end - at <= 998);
    const std::string line = mail.substr(at, end - at);
    for (std::size_t place = line.find("語"); place != std::string::npos;
         place = line.find("語", place + 1)) {
      ++letters;
    }
    at = end + 1;
  }
  CHECK(letters == 3000);
}

TEST_CASE("what is no address of a mail is refused") {
  const std::string good = GENERATE(as<std::string>(),
                                    "root",
                                    "ops@example.org",
                                    "a@example.org, b@example.org",
                                    "\"O\" <o@x.org>");
  CHECK_NOTHROW(require_mail_address(good));
  const std::string bad = GENERATE(as<std::string>(),
                                   "",
                                   " ",
                                   "-oX",
                                   "root\nBcc: x@example.org",
                                   "root\r",
                                   "r\xc3\xb6ot",
                                   "a\tb",
                                   "=?UTF-8?B?eA==?=");
  CHECK_THROWS_AS(require_mail_address(bad), schema::Error);
}

TEST_CASE("an entry of the journal has its fields, and no others") {
  const Told told({item_of(Severity::Critical, "tcp 1", "/tmp/x\nSOCKWITNESS_RULE=none")},
                  "web\nPRIORITY=7");
  const auto entries = write_journal_entries(told.input());
  REQUIRE(entries.size() == 1);
  const auto fields = read_fields(entries.front());
  CHECK(fields.at("MESSAGE") ==
        "web\\x0aPRIORITY=7: new listener tcp 1 by /tmp/x\\x0aSOCKWITNESS_RULE=none");
  CHECK(fields.at("PRIORITY") == "2");
  CHECK(fields.at("SOCKWITNESS_HOST") == "web\nPRIORITY=7");
  CHECK(fields.at("SOCKWITNESS_WHAT") == "new_listener");
  CHECK(fields.at("SOCKWITNESS_SNAPSHOT") == "7");
  CHECK_FALSE(fields.contains("SOCKWITNESS_RULE"));
}

TEST_CASE("a web hook gets one line") {
  const Told told({item_of(Severity::High, "tcp 1", "/tmp/x\ny")});
  const std::string line = write_alert_line(told.input(), "a\nb\n");
  CHECK(std::count(line.begin(), line.end(), '\n') == 1);
  CHECK(line.ends_with("}\n"));
  CHECK(line.find("\"text\":\"web07: 1 high: new listener tcp 1 by /tmp/x\\\\x0ay\\na\\nb\\n\"") !=
        std::string::npos);
}

TEST_CASE("figures of a host that nobody accounts for") {
  AlertMetrics metrics;
  metrics.listeners = 3;
  metrics.findings[Severity::High] = 2;
  metrics.last_snapshot = schema::WallTime{1'795'404'600'000'007};
  const std::string text = write_alert_metrics(metrics);
  CHECK(text.find("\nsockwitness_findings{severity=\"high\"} 2\n") != std::string::npos);
  CHECK(text.find("\nsockwitness_findings{severity=\"low\"} 0\n") != std::string::npos);
  CHECK(text.find("\nsockwitness_last_snapshot_timestamp_seconds 1795404600.000007\n") !=
        std::string::npos);
  CHECK(text.find("sockwitness_unexplained") == std::string::npos);
  metrics.unexplained = 1;
  CHECK(write_alert_metrics(metrics).find("\nsockwitness_unexplained 1\n") != std::string::npos);
}

TEST_CASE("more than a screen is counted") {
  std::vector<NewsItem> items;
  for (int count = 0; count < 200; ++count) {
    items.push_back(item_of(Severity::High, "tcp " + std::to_string(count), "/x"));
  }
  const Told told(std::move(items));
  AlertInput input = told.input();
  input.less_weight = 4;
  const Page page = lay_out_alert(input, [](schema::WallTime) { return std::string("then"); });
  std::size_t lines = 0;
  std::string all;
  for (const auto& block : page.blocks) {
    const auto* table = std::get_if<Table>(&block);
    lines += table == nullptr ? 1 : table->rows.size();
    all += table == nullptr ? std::get<Cell>(block).text.text() + "\n" : std::string();
  }
  CHECK(lines < 50);
  CHECK(all.find(" more: ") != std::string::npos);
  CHECK(all.find("4 of less weight left out") != std::string::npos);
  CHECK(all.find("sockwitness timeline --since '#2'") != std::string::npos);
}

}  // namespace sockwitness
