// What a rule may do, what stops it, and that nothing else is stopped with it.

#include "query/rules/engine.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <catch2/catch.hpp>

#include "query/rules/functions.h"
#include "tests/unit/query/rules/rule_scene.h"

namespace sockwitness {

using query::Engine;
using query::HostView;
using query::Rule;
using query::RuleRun;
using query::Stage;
using test::RuleScene;

namespace {

Rule rule_of(std::string sql, std::string id = "r") {
  Rule rule;
  rule.id = std::move(id);
  rule.severity = query::Severity::Medium;
  rule.sql = std::move(sql);
  rule.source = "r.toml";
  rule.line = 10;
  return rule;
}

RuleRun run_on(const RuleScene& scene, const std::vector<Rule>& rules, Engine& engine) {
  const HostView host(scene.snapshot, {});
  Stage stage({host});
  return engine.run(stage, rules);
}

// "LINE: reason" of the only rule; empty when it ran.
std::string failure_of(const std::string& sql) {
  RuleScene scene;
  scene.run("/usr/bin/bash");
  Engine engine;
  const std::vector<Rule> rules{rule_of(sql)};
  const RuleRun run = run_on(scene, rules, engine);
  if (run.failures.empty()) {
    return {};
  }
  CHECK(run.failures.size() == 1);
  CHECK(run.failures[0].rule == &rules[0]);
  return std::to_string(run.failures[0].line) + ": " + run.failures[0].reason;
}

}  // namespace

TEST_CASE("columns of a row become a match") {
  RuleScene scene;
  const auto bash = scene.run("/usr/bin/bash");
  const auto other = scene.run("/usr/bin/nc");
  const auto socket = scene.listen(other, 3, "0.0.0.0 1");
  Engine engine;
  const std::vector<Rule> rules{rule_of(
      "SELECT 1 AS process, 2 AS partner, 0 AS socket, 'because' AS why, 'high' AS severity,\n"
      " 7 AS number, 'text' AS words, NULL AS none, x'00ff' AS bytes, 1.5 AS fraction\n"
      "UNION ALL SELECT 2, NULL, NULL, NULL, NULL, 0, '', 0, 0, 0")};
  const RuleRun run = run_on(scene, rules, engine);
  CAPTURE(run.failures.empty() ? "" : run.failures[0].reason);
  REQUIRE(run.matches.size() == 2);
  const query::Match& match = run.matches[0];
  CHECK(match.rule == &rules[0]);
  CHECK(match.process == bash);
  CHECK(match.partner == other);
  CHECK(match.socket == socket);
  CHECK(match.why == "because");
  CHECK(match.severity == query::Severity::High);
  const std::vector<query::Evidence> expected{{"number", std::int64_t{7}},
                                              {"words", std::string("text")},
                                              {"none", std::monostate()},
                                              {"bytes", std::string("\0\xff", 2)},
                                              {"fraction", std::string("1.5")}};
  CHECK(match.evidence == expected);
  CHECK(run.matches[1].severity == query::Severity::Medium);
  CHECK(run.matches[1].why.empty());
  CHECK_FALSE(run.matches[1].socket);
}

TEST_CASE(
    "a rule may select from the tables, with CTEs, windows, recursion and harmless functions") {
  const std::string sql = GENERATE(
      as<std::string>{},
      "SELECT id AS process, 'x' AS why FROM processes;  -- done\n/* really */",
      "WITH a(n) AS (VALUES (1), (2)) SELECT n AS process, 'x' AS why FROM a WHERE n = 1",
      "WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n < 1) "
      "SELECT n AS process, 'x' AS why FROM c",
      "SELECT id AS process, row_number() OVER (ORDER BY pid) || '' AS why FROM processes",
      "WITH a(n) AS (VALUES (1), (2)) SELECT 1 AS process, count(*) || '' AS why FROM a",
      "SELECT max(id) AS process, group_concat(name) AS why FROM processes",
      "SELECT id AS process, upper(base_name(path)) AS why FROM processes WHERE path GLOB '/usr*'");
  CAPTURE(sql);
  CHECK(failure_of(sql).empty());
}

TEST_CASE("everything else is refused, with the line and the reason") {
  struct Row {
    const char* sql;
    const char* says;
  };
  const Row row = GENERATE(values<Row>({
      {"SELECT 1 AS process,\n  nosuch AS why\nFROM processes", "11: no such column: nosuch"},
      {"SELECT 'x' AS why, 1 AS process\nFROM nosuch", "11: no such table: nosuch"},
      {"SELEC 1", "10: near \"SELEC\": syntax error"},
      {"SELECT 1 AS process, 'x' AS why FROM", "10: incomplete input"},
      {"", "10: there is no statement"},
      {"-- nothing", "10: there is no statement"},
      {"SELECT 1 AS process, 'x' AS why;\nSELECT 2", "11: more than one statement"},
      {"ATTACH '/tmp/x.db' AS x", "10: not allowed in a rule: ATTACH"},
      {"PRAGMA user_version", "10: not allowed in a rule: PRAGMA"},
      {"DELETE FROM sockets", "10: not allowed in a rule: a change of rows"},
      {"UPDATE host SET name = 'x'", "10: not allowed in a rule: a change of rows"},
      {"INSERT INTO gaps VALUES (1,1,1,1,1,1)", "10: not allowed in a rule: a change of rows"},
      {"INSERT INTO gaps VALUES (1,1,1,1,1,1) RETURNING 1 AS process, 'x' AS why",
       "10: not allowed in a rule: a change of rows"},
      {"CREATE TABLE x(y)", "10: not allowed in a rule: what is no staged table"},
      {"CREATE TEMP VIEW x AS SELECT 1", "10: not allowed in a rule: what is no staged table"},
      {"DROP TABLE sockets", "10: not allowed in a rule: what is no staged table"},
      {"BEGIN", "10: not allowed in a rule: a transaction"},
      {"VACUUM INTO '/tmp/x'", "10: a rule is one SELECT"},
      {"EXPLAIN SELECT 1 AS process, 'x' AS why", "10: a rule is one SELECT"},
      {"SELECT name AS why, 1 AS process FROM sqlite_schema",
       "10: not allowed in a rule: the table 'sqlite_master'"},
      {"SELECT 1 AS process, 'x' AS why FROM sqlite_schema",
       "10: not allowed in a rule: the table 'sqlite_schema'"},
      {"SELECT 1 AS process, 'x' AS why FROM host, sqlite_stat1",
       "10: not allowed in a rule: the table 'sqlite_stat1'"},
      {"SELECT 1 AS process, 'x' AS why FROM host, SQLITE_Stat1",
       "10: not allowed in a rule: the table 'sqlite_stat1'"},
      {"SELECT 1 AS process, 'x' AS why FROM pragma_compile_options",
       "10: not allowed in a rule: what is no staged table"},
      {"SELECT 1 AS process, name AS why FROM pragma_table_info('host')",
       "10: not allowed in a rule: the table 'pragma_table_info'"},
      {"SELECT 1 AS process, value AS why FROM json_each('[1]')",
       "10: vtable constructor failed: json_each"},
      {"SELECT 1 AS process, load_extension('x') AS why",
       "10: not allowed in a rule: the function 'load_extension'"},
      {"SELECT 1 AS process, random() AS why", "10: not allowed in a rule: the function 'random'"},
      {"SELECT 1 AS process, datetime('now') AS why",
       "10: not allowed in a rule: the function 'datetime'"},
      {"SELECT 1 AS process, CURRENT_TIMESTAMP AS why",
       "10: not allowed in a rule: the function 'current_timestamp'"},
      {"SELECT 1 AS process, zeroblob(1000000000) AS why",
       "10: not allowed in a rule: the function 'zeroblob'"},
      {"SELECT 1 AS process",
       "10: the columns have to be 'why', and 'process' or 'socket' or both"},
      {"SELECT 'x' AS why", "10: the columns have to be 'why', and 'process' or 'socket' or both"},
      {"SELECT 1 AS process, 'x' AS why, 1 AS a, 2 AS a", "10: two columns are called 'a'"},
      {"SELECT NULL AS process, 'x' AS why", "10: a row names neither a process nor a socket"},
      {"SELECT 2 AS process, 'x' AS why", "10: the column 'process' of a row is no id of one"},
      {"SELECT -1 AS process, 'x' AS why", "10: the column 'process' of a row is no id of one"},
      {"SELECT '1' AS process, 'x' AS why", "10: the column 'process' of a row is no id of one"},
      {"SELECT 0 AS socket, 'x' AS why", "10: the column 'socket' of a row is no id of one"},
      {"SELECT 4294967296 AS process, 'x' AS why",
       "10: the column 'process' of a row is no id of one"},
      {"SELECT 1 AS process, 'x' AS why, 'grave' AS severity",
       "10: a row has the unknown severity 'grave'"},
      {"SELECT 1 AS process, replace(hex(hex(hex(printf('%s', 'a')))), '6', 'x') AS why",
       "10: not allowed in a rule: the function 'printf'"},
  }));
  CAPTURE(row.sql);
  CHECK(failure_of(row.sql) == row.says);
}

TEST_CASE("a rule that does not end is stopped by the clock, and what it found is kept") {
  RuleScene scene;
  scene.run("/usr/bin/bash");
  query::RuleLimits limits;
  auto now = std::chrono::steady_clock::time_point();
  limits.clock = [&now] { return now += std::chrono::seconds(1); };
  Engine engine(limits);
  const std::vector<Rule> rules{
      rule_of("SELECT 1 AS process, 'first' AS why UNION ALL "
              "SELECT * FROM (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) "
              "SELECT 1, n FROM c WHERE n < 0)",
              "endless"),
      rule_of("SELECT id AS process, 'x' AS why FROM processes", "good")};
  const RuleRun run = run_on(scene, rules, engine);
  REQUIRE(run.failures.size() == 1);
  CHECK(run.failures[0].rule->id == "endless");
  CHECK(run.failures[0].reason == "stopped after 5000 ms");
  CHECK(run.failures[0].partial);
  REQUIRE(run.matches.size() == 3);
  CHECK(run.matches[0].why == "first");
  CHECK(run.matches[1].rule->id == "good");
}

TEST_CASE("all rules together have an end, too") {
  RuleScene scene;
  query::RuleLimits limits;
  auto now = std::chrono::steady_clock::time_point();
  limits.clock = [&now] { return now += std::chrono::seconds(40); };
  Engine engine(limits);
  const std::vector<Rule> rules{rule_of("SELECT 0 AS process, 'x' AS why", "first"),
                                rule_of("SELECT 0 AS process, 'x' AS why", "second")};
  const RuleRun run = run_on(scene, rules, engine);
  CHECK(run.matches.size() == 1);
  REQUIRE(run.failures.size() == 1);
  CHECK(run.failures[0].rule->id == "second");
  CHECK(run.failures[0].reason == "the rules before it took all of the 60000 ms");
}

TEST_CASE("a rule is tried without a host to run on") {
  const schema::Snapshot nothing;
  const query::HostView host(nothing, {});
  query::Stage stage({host});
  Engine engine;
  const std::vector<Rule> rules{rule_of("SELECT 1 AS process, 'x' AS why", "constant"),
                                rule_of("SELECT 1 AS process, nosuch AS why", "wrong")};
  const RuleRun run = engine.prepare(stage, rules);
  CHECK(run.matches.empty());
  REQUIRE(run.failures.size() == 1);
  CHECK(run.failures[0].rule->id == "wrong");
}

TEST_CASE("too many rows and too long values stop a rule") {
  RuleScene scene;
  query::RuleLimits limits;
  limits.rows = 100;
  Engine engine(limits);
  const std::string many =
      "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ";
  const std::vector<Rule> rules{
      rule_of(many + "100) SELECT 0 AS process, n AS why FROM c", "enough"),
      rule_of(many + "101) SELECT 0 AS process, n AS why FROM c", "too-many"),
      rule_of(many + "30) SELECT 0 AS process, group_concat(hex(hex(hex(hex(hex(hex(hex(hex(hex("
                     "hex('abcdefghijklmnopqrstuvwxyz'))))))))))) AS why FROM c GROUP BY n % 2",
              "bomb")};
  const RuleRun run = run_on(scene, rules, engine);
  REQUIRE(run.failures.size() == 1);
  CHECK(run.failures[0].rule->id == "too-many");
  CHECK(run.failures[0].reason == "stopped after 100 rows");
  CHECK(run.failures[0].partial);
  CHECK(run.matches.size() == 202);
  const std::vector<Rule> bomb{
      rule_of(many + "1000) SELECT 0 AS process, group_concat(hex(hex(hex(hex(hex(hex(hex(hex(hex("
                     "hex('abcdefghijklmnopqrstuvwxyz'))))))))))) AS why FROM c")};
  CHECK(run_on(scene, bomb, engine).failures.at(0).reason == "string or blob too big");
}

TEST_CASE("a switched off rule does not run; each tells the tables that it read") {
  RuleScene scene;
  Engine engine;
  std::vector<Rule> rules{
      rule_of("SELECT p.id AS process, 'x' AS why FROM processes p "
              "JOIN holders h ON h.process = p.id WHERE EXISTS (SELECT count(*) FROM gaps)"),
      rule_of("SELECT 1")};
  rules[1].enabled = false;
  const RuleRun run = run_on(scene, rules, engine);
  CHECK(run.failures.empty());
  REQUIRE(run.reads.size() == 1);
  CHECK(run.reads[0].tables == std::vector<std::string>{"gaps", "holders", "processes"});
}

TEST_CASE("functions of rules") {
  SQLite::Database database(":memory:", SQLite::OPEN_READWRITE);
  query::add_functions(database);
  struct Row {
    const char* call;
    const char* gives;
  };
  const Row row = GENERATE(values<Row>({
      {"base_name('/usr/bin/bash')", "bash"},
      {"base_name('bash')", "bash"},
      {"base_name('/usr/')", "NULL"},
      {"base_name(NULL)", "NULL"},
      {"place('/tmp/x')", "temporary"},
      {"place('/dev/shm/x')", "temporary"},
      {"place('/dev/x')", "device"},
      {"place('/usr/local/bin/x')", "local"},
      {"place('/usr/bin/x')", "system"},
      {"place('/home/a/x')", "home"},
      {"place('/memfd:x')", "memory"},
      {"place('/var/lib/x')", "other"},
      {"place('/tmpx')", "other"},
      {"place('x')", "NULL"},
      {"place(NULL)", "NULL"},
      {"hidden_component('/a/.b/c')", ".b"},
      {"hidden_component('/a/.../c')", "..."},
      {"hidden_component('/a/ /c')", " "},
      {"hidden_component('/a/../b/./c')", "NULL"},
      {"hidden_component('/a/b.c')", "NULL"},
      {"address_class('127.8.8.8')", "loopback"},
      {"address_class('::ffff:10.0.0.1')", "private"},
      {"address_class('::')", "any"},
      {"address_class('8.8.8.8')", "global"},
      {"address_class('x')", "NULL"},
      {"edit_distance('sshd', 'shsd')", "1"},
      {"edit_distance('sshd', 'sshd')", "0"},
      {"edit_distance('sshd', NULL)", "NULL"},
      {"edit_distance('sshd', hex(hex(hex(hex('abcdefgh')))))", "NULL"},
      {"program_kind('/usr/bin/python3.11')", "interpreter"},
      {"program_kind('zsh5')", "shell"},
      {"program_kind('/bin/nc.traditional')", "relay"},
      {"program_kind('/usr/bin/node_exporter')", "NULL"},
      {"severity('medium', 1)", "high"},
      {"severity('medium', -9223372036854775808)", "info"},
      {"severity('critical', 1)", "critical"},
      {"severity('grave', 1)", "NULL"},
      {"severity('low: a unit runs it', 1)", "medium: a unit runs it"},
      {"product_tree('/opt/acme/bin/agentd')", "/opt/acme"},
      {"product_tree('/opt/acme/agentd')", "NULL"},
      {"product_tree('/opt/bin/agentd')", "NULL"},
      {"product_tree('/usr/local/bin/agentd')", "NULL"},
      {"product_tree('/usr/local/nginx/sbin/nginx')", "/usr/local/nginx"},
      {"product_tree('/usr/local/lib/node_modules/x/y.js')", "NULL"},
      {"product_tree('/home/u/.nvm/v20/bin/node')", "/home/u/.nvm"},
      {"product_tree('/home/u/bin/x')", "NULL"},
      {"product_tree('/home/u/x.py')", "NULL"},
      {"product_tree('/opt/.x/bin/y')", "NULL"},
      {"product_tree('/var/lib/k/data/1/bin/d')", "/var/lib/k"},
      {"product_tree('/tmp/x/bin/y')", "NULL"},
      {"product_tree('/usr/lib/x/bin/y')", "NULL"},
  }));
  SQLite::Statement statement(database, std::string("SELECT ") + row.call);
  REQUIRE(statement.executeStep());
  CAPTURE(row.call);
  CHECK((statement.getColumn(0).isNull() ? "NULL" : statement.getColumn(0).getString()) ==
        row.gives);
}

}  // namespace sockwitness
