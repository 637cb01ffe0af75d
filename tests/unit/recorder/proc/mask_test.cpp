// Secrets among arguments: what is masked, what is not, and that equal ones stay equal.
#include "recorder/proc/mask.h"

#include <algorithm>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using sockwitness::recorder::default_mask_rules;
using sockwitness::recorder::Mask;
using sockwitness::recorder::MaskRules;
using sockwitness::recorder::read_mask_rules;
using sockwitness::recorder::without_hashes;

namespace {

// Arguments stand between '|'.
std::string line_of(std::string text) {
  std::replace(text.begin(), text.end(), '|', '\0');
  return text + '\0';
}

std::string masked(const std::string& text, const Mask& mask = Mask(default_mask_rules(), "")) {
  auto line = mask.apply(line_of(text)).value_or(line_of(text));
  line.pop_back();
  std::replace(line.begin(), line.end(), '\0', '|');
  return line;
}

}  // namespace

TEST_CASE("secrets among arguments are masked", "[mask]") {
  struct Row {
    const char* given;
    const char* wanted;
  };
  const std::vector<Row> rows{
      {"app|--password=hunter2|--port=80", "app|--password=<masked>|--port=80"},
      {"app|--password|hunter2|x", "app|--password|<masked>|x"},
      {"app|--db-password|hunter2", "app|--db-password|<masked>"},
      {"app|--dbPassword=hunter2", "app|--dbPassword=<masked>"},
      {"app|-password|hunter2", "app|-password|<masked>"},
      {"app|--token=abc", "app|--token=<masked>"},
      {"app|--auth-token|abc|--x", "app|--auth-token|<masked>|--x"},
      {"java|-Ddb.password=x y|-jar|a.jar", "java|-Ddb.password=<masked> y|-jar|a.jar"},
      {"env|PGPASSWORD=x|psql", "env|PGPASSWORD=x|psql"},
      {"env|PG_PASSWORD=x|psql", "env|PG_PASSWORD=<masked>|psql"},
      {"docker|run|-e|API_KEY=k|i", "docker|run|-e|API_KEY=<masked>|i"},
      {"mysql|-uroot|-phunter2|shop", "mysql|-uroot|-p<masked>|shop"},
      {"/usr/bin/mysql|-p|shop", "/usr/bin/mysql|-p|shop"},
      {"sudo|mysql|-phunter2", "sudo|mysql|-p<masked>"},
      {"sh|-c|mysql -phunter2 shop; id", "sh|-c|mysql -p<masked> shop; id"},
      {"sshpass|-p|hunter2|ssh|h", "sshpass|-p|<masked>|ssh|h"},
      {"ssh|-p|2222|host", "ssh|-p|2222|host"},
      {"nc|-l|-p|4444", "nc|-l|-p|4444"},
      {"curl|-u|bob:hunter2|http://x/", "curl|-u|<masked>|http://x/"},
      {"curl|--user=bob:hunter2|x", "curl|--user=<masked>|x"},
      {"curl|-H|Authorization: Bearer abc.def|x", "curl|-H|Authorization: Bearer <masked>|x"},
      {"curl|-H|X-Api-Key: abc|x", "curl|-H|X-Api-Key: <masked>|x"},
      {"git|clone|https://bob:hunter2@example.com/r",
       "git|clone|https://bob:<masked>@example.com/r"},
      {"git|clone|https://ghp_0123456789abcdefXYZ@github.com/r",
       "git|clone|https://<masked>@github.com/r"},
      {"ssh|git@example.com", "ssh|git@example.com"},
      {"app|postgres://u:p%40ss@db:5432/shop?x=1", "app|postgres://u:<masked>@db:5432/shop?x=1"},
      {"curl|http://evil/a?id=7&token=abc&x=1", "curl|http://evil/a?id=7&token=<masked>&x=1"},
      {"sh|-c|TOKEN='a b' run --secret=\"c d\" e", "sh|-c|TOKEN=<masked> run --secret=<masked> e"},
      {"redis-cli|-a|pw|ping", "redis-cli|-a|<masked>|ping"},
      {"openssl|x|-passin|pass:abc", "openssl|x|-passin|<masked>"},
      {"app|--password-file=/run/secret|x", "app|--password-file=/run/secret|x"},
      {"app|--token-ttl=5|--access-key-id|AKIA", "app|--token-ttl=5|--access-key-id|AKIA"},
      {"ssh|-o|PasswordAuthentication=no|h", "ssh|-o|PasswordAuthentication=no|h"},
      {"app|--password|--verbose", "app|--password|--verbose"},
      {"password", "password"},
      {"nginx: worker process", "nginx: worker process"},
      {"postgres: u --password=x", "postgres: u --password=<masked>"},
      {"", ""}};
  for (const Row& row : rows) {
    CHECK(masked(row.given) == row.wanted);
  }
}

TEST_CASE("equal secrets stay equal, and none can be guessed", "[mask]") {
  const Mask mask(default_mask_rules(), std::string(32, 'k'));
  const Mask other(default_mask_rules(), std::string(32, 'o'));
  const std::string one = masked("a|--password=hunter2", mask);
  CHECK(one.size() == std::string("a|--password=<masked:0123456789ab>").size());
  CHECK(masked("b|--token|hunter2", mask).substr(10) == one.substr(13));
  CHECK(masked("a|--password=hunter3", mask) != one);
  CHECK(masked("a|--password=hunter2", other) != one);
  CHECK(without_hashes(masked("a|--password=hunter2", other)) == without_hashes(one));
  CHECK(without_hashes(one) == "a|--password=<masked>");
  CHECK(without_hashes("<masked:012") == "<masked:012");
}

TEST_CASE("rules of one's own", "[mask]") {
  MaskRules rules = default_mask_rules();
  CHECK_FALSE(read_mask_rules("# ours\nname licence\n\noption shop -k  # its key\n", rules));
  const Mask mask(rules, "");
  CHECK(masked("shop|--licence=x|-k|y", mask) == "shop|--licence=<masked>|-k|<masked>");
  CHECK(masked("app|--password=x", mask) == "app|--password=<masked>");
  CHECK_FALSE(read_mask_rules("only\nname licence\n", rules));
  CHECK(masked("app|--password=x|--licence=y", Mask(rules, "")) ==
        "app|--password=x|--licence=<masked>");
  for (const auto& [text, line] : std::vector<std::pair<const char*, std::size_t>>{
           {"name", 1}, {"name a b", 1}, {"\noption shop", 2}, {"option shop k", 1}, {"what", 1}}) {
    const auto flaw = read_mask_rules(text, rules);
    REQUIRE(flaw);
    CHECK(flaw->line == line);
  }
}
