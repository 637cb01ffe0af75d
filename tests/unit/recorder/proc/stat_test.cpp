#include "recorder/proc/stat.h"

#include <string>

#include <catch2/catch.hpp>

using sockwitness::recorder::parse_stat;
using sockwitness::schema::BootTime;

namespace {

// Everything after the name, as a 6.x kernel writes it.
const std::string kRest =
    " S 4837 4838 2630 34817 4839 4194304 2892 6530 19 2 5 6 -1 0 20 0 3 0 186430 12345 678 "
    "18446744073709551615 1 1 0\n";

std::string line_of(const std::string& name) {
  return "4839 (" + name + ")" + kRest;
}

}  // namespace

TEST_CASE("stat: the fields of an ordinary line") {
  const auto line = parse_stat(line_of("sshd"));
  REQUIRE(line);
  CHECK(line->pid == 4839);
  CHECK(line->name == "sshd");
  CHECK(line->state == 'S');
  CHECK(line->parent == 4837);
  CHECK(line->process_group == 4838);
  CHECK(line->session == 2630);
  CHECK(line->tty == 34817);
  CHECK(line->flags == 4194304);
  CHECK(line->threads == 3);
  CHECK(line->start == BootTime{1864300000000});
  CHECK_FALSE(line->kernel_thread());
  CHECK_FALSE(line->dead());
  CHECK_FALSE(line->exiting());
}

TEST_CASE("stat: where the stack began") {
  CHECK(parse_stat("7 (a) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 9 100 5 18446744073709551615 "
                   "94200 94300 140736 0 0")
            ->stack == 140736);
  CHECK(parse_stat(line_of("sshd"))->stack == 0);
}

TEST_CASE("stat: a name holds any byte, and only the last bracket ends it") {
  const std::string names[] = {"",
                               "a b",
                               ")",
                               "))",
                               "a) R 1 1 1 0 -1 4 0",
                               "new\nline",
                               "tab\t",
                               "\xff\xfe",
                               "back\\slash",
                               "(in)"};
  for (const auto& name : names) {
    const auto line = parse_stat(line_of(name));
    REQUIRE(line);
    CHECK(line->name == name);
    CHECK(line->parent == 4837);
  }
}

TEST_CASE("stat: kernel threads by flag, with a name that stays") {
  const std::string rest = " I 2 0 0 0 -1 69238880 0 0 0 0 0 3 0 0 20 0 1 0 21 0 0";
  const std::pair<std::string, std::string> names[] = {
      {"kworker/0:1-events", "kworker/0:1"},
      {"kworker/0:0H-kblockd", "kworker/0:0H"},
      {"kworker/u8:0+flush-254:0", "kworker/u8:0"},
      {"kworker/R-mm_percpu_wq", "kworker/R-mm_percpu_wq"},
      {"rcu_tasks-x", "rcu_tasks-x"},
      {"kworker/", "kworker/"},
      {"kworker/u", "kworker/u"}};
  for (const auto& [raw, stable] : names) {
    const auto line = parse_stat("10 (" + raw + ")" + rest);
    REQUIRE(line);
    CHECK(line->kernel_thread());
    CHECK(line->name == stable);
  }
  // The same name without the flag is an impostor and keeps every byte.
  CHECK(parse_stat(line_of("kworker/0:1-events"))->name == "kworker/0:1-events");
}

TEST_CASE("stat: dead and exiting processes") {
  for (const char state : {'Z', 'X', 'x'}) {
    std::string text = line_of("a");
    text[text.find(") S") + 2] = state;
    CHECK(parse_stat(text)->dead());
    CHECK(parse_stat(text)->exiting());
  }
  const auto exiting = parse_stat("7 (a) R 1 1 1 0 -1 4194308 0 0 0 0 0 0 0 0 20 0 1 0 9 0 0");
  REQUIRE(exiting);
  CHECK_FALSE(exiting->dead());
  CHECK(exiting->exiting());
}

TEST_CASE("stat: malformed lines are rejected") {
  const std::string rejected[] = {
      "",
      "4839",
      "4839 ",
      "4839 sshd S 1",
      "4839 (sshd",
      "4839 (sshd)",
      "4839 (sshd) ",
      "4839 (sshd) S",
      "0 (sshd)" + kRest,
      "-1 (sshd)" + kRest,
      "x (sshd)" + kRest,
      " 4839 (sshd)" + kRest,
      "4839  (sshd)" + kRest,
      "99999999999 (sshd)" + kRest,
      "4839 (sshd)S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 0 0 0 0 1",
      "4839 (sshd) S x 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 1",
      "4839 (sshd) S 1 1 1 0 -1 -4 0 0 0 0 0 0 0 0 20 0 1 0 1",
      "4839 (sshd) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0",
      "4839 (sshd) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 -1",
      "4839 (sshd) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 18446744073709551615"};
  for (const auto& text : rejected) {
    INFO(text);
    CHECK_FALSE(parse_stat(text));
  }
}
