#include "tests/live/blind/scenario.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "schema/disk/database.h"
#include "schema/disk/load_snapshot.h"
#include "tests/live/blind/programs.h"

namespace sockwitness::test {
namespace {

namespace fs = std::filesystem;

constexpr int kDeepEvery = 12;

const char* const kPolicy = R"(
[[service]]
name = "database"
protocol = "tcp"
port = 5432
program = "/usr/sbin/postgres"
user = "root"
unit = "database.service"
reason = "the data"
approved_by = "ops"

[[service]]
name = "shop"
protocol = "tcp"
port = [8080, 8081]
script = "/srv/app/shop.py"
reason = "the shop"
approved_by = "ops"
)";

int snapshots_before(Course course) {
  switch (course) {
    case Course::Anew:
      return kDeepEvery;
    case Course::Known:
    case Course::Lasting:
      return 2;
    case Course::First:
      break;
  }
  return 0;
}

int blind_snapshots(Course course) {
  return course == Course::Lasting ? 3 : 1;
}

void must(const Answer& answer, const char* what) {
  if (answer.code != 0) {
    throw std::runtime_error(std::string(what) + ": " + answer.err);
  }
}

// What differs from run to run, whoever looks.
void settle(schema::Snapshot& snapshot) {
  const auto is_recorder = [&](schema::ProcessIndex index) {
    return snapshot.processes[index.value()].recorder;
  };
  std::erase_if(snapshot.holders, [&](const auto& each) { return is_recorder(each.process); });
  std::erase_if(snapshot.descriptors, [&](const auto& each) { return is_recorder(each.process); });
  std::erase_if(snapshot.mappings, [&](const auto& each) { return is_recorder(each.process); });
  snapshot.seq.reset();
  snapshot.deep_seq.reset();
  snapshot.begin = snapshot.end = {};
  snapshot.cost = {};
  if (snapshot.clock_sync) {
    snapshot.clock_sync->max_error_us = snapshot.clock_sync->estimated_error_us = 0;
  }
  for (schema::Socket& socket : snapshot.sockets) {
    socket.queues = {};
  }
  for (schema::Gap& gap : snapshot.gaps) {
    gap.error_number = 0;
  }
  schema::sort_canonically(snapshot);
}

std::string number(int seq) {
  return "#" + std::to_string(seq);
}

}  // namespace

std::string course_word(Course course) {
  switch (course) {
    case Course::Anew:
      return "anew";
    case Course::Known:
      return "known";
    case Course::Lasting:
      return "lasting";
    case Course::First:
      break;
  }
  return "first";
}

Scenario::Scenario(const Machine& machine)
    : folder_(machine.database_folder), database_(folder_ + "/witness.db") {
  leave_alone(folder_);
  std::ofstream(folder_ + "/policy.toml") << kPolicy;
  fs::create_directories(folder_ + "/rules.d");
  // What is younger than two seconds is looked into again by every run.
  ::usleep(2'200'000);
  for (const Course course : {Course::Known, Course::Anew}) {
    const std::string base = base_of(course);
    for (int run = 0; run < snapshots_before(course); ++run) {
      must(test::record({"snapshot", "-q", "--db", base}), "recording");
    }
    must(test::record({"baseline", "add", "good", "--db", base}), "adding a baseline");
  }
}

std::string Scenario::base_of(Course course) const {
  return folder_ + (course == Course::Anew ? "/twelve.db" : "/two.db");
}

void Scenario::copy_base(Course course) const {
  for (const char* suffix : {"", ".lock", "-journal"}) {
    fs::remove(database_ + suffix);
  }
  if (course == Course::First) {
    return;
  }
  for (const char* suffix : {"", ".lock"}) {
    fs::copy_file(base_of(course) + suffix, database_ + suffix);
  }
}

std::map<Call, int> Scenario::calls_of(Course course) {
  copy_base(course);
  begin_counting();
  must(test::record({"snapshot", "-q", "--db", database_}), "recording");
  return end_counting();
}

Recorded Scenario::record(Course course, const std::optional<Fault>& fault) {
  copy_base(course);
  Recorded recorded;
  const auto snapshot = [&] {
    const Answer answer = test::record({"snapshot", "-q", "--db", database_});
    recorded.complete = recorded.complete && answer.code == 0;
  };
  for (int run = 0; run < blind_snapshots(course); ++run) {
    set_fault(fault);
    snapshot();
    recorded.met = recorded.met || fault_hits() > 0;
    set_fault(std::nullopt);
  }
  if (recorded.complete) {
    must(test::record({"baseline", "add", "blind", "--db", database_}), "adding a baseline");
  }
  snapshot();
  if (course == Course::First) {
    snapshot();
  }
  if (!recorded.complete) {
    return recorded;
  }
  auto database = schema::Database::open_for_reading(database_);
  const int first = snapshots_before(course) + 1;
  const int last = first + blind_snapshots(course) + (course == Course::First ? 1 : 0);
  for (int seq = first; seq <= last; ++seq) {
    recorded.snapshots.push_back(schema::load_snapshot(database, schema::Seq(seq)).snapshot);
    settle(recorded.snapshots.back());
  }
  return recorded;
}

Answers Scenario::ask(Course course) const {
  const int before = snapshots_before(course);
  const std::string blind = number(before + blind_snapshots(course));
  const std::string after = number(before + blind_snapshots(course) + 1);
  std::vector<std::vector<std::string>> questions = {
      {"diff", "--all", "--from", blind, "--to", after},
      {"diff", "--all", "--baseline", "blind", "--to", after},
      {"account", "--all", "-x", "--at", after, "--baseline", "blind"},
      {"account",
       "--all",
       "-x",
       "--at",
       blind,
       "--no-baseline",
       "--policy",
       folder_ + "/policy.toml"},
      {"check", "--all", "--at", blind},
      {"check", "--all", "--at", after},
      {"check", "--all", "--at", after, "--baseline", "blind"},
      {"check", "--all", "--since", number(std::max(before, 1))},
      {"timeline", "--events", "all"},
      {"when", "tcp/8080"},
      {"when", "tcp/5432"},
      {"when", "udp/514"},
      {"when", "tcp/9000"},
      {"when", "/run/db.sock"},
      {"when", "program:/usr/sbin/postgres"},
      {"when", "user:www-data"},
      {"report", "--no-verify"},  // the file is put back beside anchors of what came after
  };
  if (course != Course::First) {
    const std::vector<std::vector<std::string>> more = {
        {"diff", "--all", "--from", number(before), "--to", blind},
        {"diff", "--all", "--from", number(before), "--to", after},
        {"diff", "--all", "--baseline", "good", "--to", blind},
        {"diff", "--all", "--baseline", "good", "--to", after},
        {"account", "--all", "-x", "--at", blind, "--baseline", "good"},
        {"account", "--all", "-x", "--at", after, "--baseline", "good"},
        {"check", "--all", "--at", blind, "--baseline", "good"},
    };
    questions.insert(questions.end(), more.begin(), more.end());
  }
  if (course == Course::Lasting) {
    questions.push_back({"diff", "--all", "--from", number(before + 1), "--to", blind});
  }
  Answers answers;
  for (std::vector<std::string>& words : questions) {
    std::string question;
    for (const std::string& word : words) {
      question += (question.empty() ? "" : " ") + word;
    }
    words.insert(words.end(), {"--format", "json", "--db", database_});
    if (words.front() == "check" || words.front() == "report") {
      words.insert(words.end(), {"--rules", folder_ + "/rules.d"});
    }
    const Answer answer = test::ask(words);
    if (answer.code != 0 && answer.code != 1) {
      throw std::runtime_error(question + ": " + answer.err);
    }
    answers[question] = answer.out;
  }
  return answers;
}

}  // namespace sockwitness::test
