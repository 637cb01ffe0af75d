// Every call of a recorder fails in every way, on a host on which nothing happens: nobody is
// accused.
//
// In:    --each N (faults of every course that are tried), --skip N (of them before these), --all
//        (all of them; so does SOCKWITNESS_LONG=1), --part TEXT (only faults whose words hold it),
//        --course WORD.
// Out:   counts, and what was said that did not happen.
// Never: counts a fault that was not met, or that left nothing behind.
#include <sys/mman.h>
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/live/blind/failing_calls.h"
#include "tests/live/blind/faults.h"
#include "tests/live/blind/machine.h"
#include "tests/live/blind/scenario.h"
#include "tests/live/blind/verdicts.h"

namespace {

using namespace sockwitness;
using namespace sockwitness::test;

struct Options {
  std::size_t each = 40;
  std::size_t skipped = 0;
  bool verbose = false;
  std::string part;
  std::string course;
};

// Of all machines, in memory that they share.
struct Counts {
  std::atomic<long> tried = 0;     // met, and a gap says so
  std::atomic<long> accused = 0;   // of them
  std::atomic<long> absorbed = 0;  // met, and nothing is missing
  std::atomic<long> silent = 0;    // met, something is missing and no gap says so
  std::atomic<long> unmet = 0;
  std::atomic<long> failed = 0;  // the run gave no snapshot
};

std::set<schema::Gap> gaps_of(const schema::Snapshot& snapshot) {
  return {snapshot.gaps.begin(), snapshot.gaps.end()};
}

// Without what /proc/net, which stands in for a table that netlink refuses, never tells.
schema::Snapshot plain(schema::Snapshot snapshot) {
  for (schema::Socket& socket : snapshot.sockets) {
    socket.cookie = {};
    socket.type = {};
    socket.backlog = 0;
    socket.peer = {};
    socket.interface_name.clear();
    socket.filter_length = 0;
    socket.filter_sha256.clear();
    socket.v6only.reset();
    socket.promiscuous.reset();
    if (socket.protocol == schema::Protocol::Netlink) {
      socket.uid.reset();
    }
  }
  schema::sort_canonically(snapshot);
  return snapshot;
}

bool same_but_for_details(const std::vector<schema::Snapshot>& left,
                          const std::vector<schema::Snapshot>& right) {
  return std::equal(
      left.begin(), left.end(), right.begin(), [](const auto& one, const auto& other) {
        return plain(one) == plain(other);
      });
}

// Of two lists the first that is not in the other, in a few words.
std::string name_difference(const schema::Snapshot& left, const schema::Snapshot& right) {
  for (const auto& [one, other] : {std::pair(&left, &right), std::pair(&right, &left)}) {
    for (const schema::Socket& socket : one->sockets) {
      if (std::find(other->sockets.begin(), other->sockets.end(), socket) == other->sockets.end()) {
        return std::string(schema::protocol_name(socket.protocol)) + " socket, inode " +
               std::to_string(socket.inode.value()) + ", cookie " +
               std::to_string(socket.cookie.value());
      }
    }
  }
  return {};
}

// What is not as it was, in words.
std::string find_difference(const std::vector<schema::Snapshot>& blind,
                            const std::vector<schema::Snapshot>& clear) {
  for (std::size_t at = 0; at < blind.size(); ++at) {
    const schema::Snapshot& left = blind[at];
    const schema::Snapshot& right = clear[at];
    std::string what;
    const auto compare = [&](const auto& one, const auto& other, const char* word) {
      what += one == other ? "" : std::string(what.empty() ? "" : ", ") + word;
    };
    compare(left.context, right.context, "context");
    compare(left.namespaces, right.namespaces, "namespaces");
    compare(left.sockets, right.sockets, "sockets");
    compare(left.processes, right.processes, "processes");
    compare(left.programs, right.programs, "programs");
    compare(left.holders, right.holders, "holders");
    compare(left.descriptors, right.descriptors, "descriptors");
    compare(left.mappings, right.mappings, "mappings");
    compare(left.users, right.users, "users");
    compare(left.groups, right.groups, "groups");
    compare(left.registrations, right.registrations, "registrations");
    compare(left.clock_sync, right.clock_sync, "clock");
    if (!what.empty()) {
      return what + " in snapshot " + std::to_string(at + 1) + " " + name_difference(left, right);
    }
  }
  return "gaps in a later snapshot";
}

class Trial {
 public:
  Trial(Scenario& scenario, Course course, const Options& options)
      : scenario_(scenario), course_(course), options_(options) {
    clear_ = scenario.record(course, std::nullopt);
    answers_ = scenario.ask(course);
    for (const std::string& each : find_accusations(answers_, answers_)) {
      std::printf("  without a fault, %s: %s\n", course_word(course).c_str(), each.c_str());
    }
  }

  void run(const Fault& fault, Counts& counts) {
    Recorded recorded = scenario_.record(course_, fault);
    if (recorded.complete && is_silent(recorded)) {
      // A netlink socket of the recorder's own may be there for a moment: twice is no chance.
      recorded = scenario_.record(course_, fault);
    }
    if (!recorded.met) {
      ++counts.unmet;
      return;
    }
    if (!recorded.complete) {
      ++counts.failed;
      say(fault, "no snapshot");
      return;
    }
    if (recorded.snapshots == clear_.snapshots) {
      ++counts.absorbed;
      return;
    }
    if (is_silent(recorded)) {
      ++counts.silent;
      say(fault, "no gap, and other " + find_difference(recorded.snapshots, clear_.snapshots));
    }
    ++counts.tried;
    const auto& accusations = verdict_of(recorded);
    counts.accused += accusations.empty() ? 0 : 1;
    if (!accusations.empty()) {
      say(fault,
          accusations.front() + (accusations.size() > 1
                                     ? " (and " + std::to_string(accusations.size() - 1) + " more)"
                                     : ""));
    }
    if (options_.verbose) {
      for (const std::string& each : accusations) {
        std::printf("      %s\n", each.c_str());
      }
    }
  }

 private:
  struct Known {
    std::vector<schema::Snapshot> snapshots;
    std::vector<std::string> accusations;
  };

  // Something is missing, and no gap says so.
  [[nodiscard]] bool is_silent(const Recorded& recorded) const {
    return gaps_of(recorded.snapshots.front()) == gaps_of(clear_.snapshots.front()) &&
           !same_but_for_details(recorded.snapshots, clear_.snapshots);
  }

  // The same history has the same answers.
  const std::vector<std::string>& verdict_of(const Recorded& recorded) {
    for (const Known& known : known_) {
      if (known.snapshots == recorded.snapshots) {
        return known.accusations;
      }
    }
    known_.push_back({recorded.snapshots, find_accusations(scenario_.ask(course_), answers_)});
    return known_.back().accusations;
  }

  void say(const Fault& fault, const std::string& what) {
    const bool is_new = told_.insert(fault_class(fault) + what).second;
    if (is_new || options_.verbose) {
      std::printf(
          "  %s, %s: %s\n", fault_words(fault).c_str(), course_word(course_).c_str(), what.c_str());
    }
  }

  Scenario& scenario_;
  Course course_;
  const Options& options_;
  Recorded clear_;
  Answers answers_;
  std::vector<Known> known_;
  std::set<std::string> told_;
};

int work(const Machine& machine, const Options& options, int turn, int turns, Counts& counts) {
  Scenario scenario(machine);
  const std::string own = "/proc/" + std::to_string(::getpid()) + "/";
  std::vector<std::pair<Trial, std::vector<Fault>>> trials;
  for (const Course course : {Course::Anew, Course::Known, Course::Lasting, Course::First}) {
    if (!options.course.empty() && course_word(course) != options.course) {
      continue;
    }
    std::vector<Fault> faults = list_faults(scenario.calls_of(course));
    std::erase_if(faults, [&](const Fault& fault) {
      return fault.call.path.starts_with(own) ||
             fault_words(fault).find(options.part) == std::string::npos;
    });
    std::printf("%s: %zu faults\n", course_word(course).c_str(), faults.size());
    faults.erase(faults.begin(),
                 faults.begin() + static_cast<long>(std::min(options.skipped, faults.size())));
    faults.resize(std::min(options.each, faults.size()));
    trials.emplace_back(Trial(scenario, course, options), std::move(faults));
  }
  for (std::size_t at = static_cast<std::size_t>(turn); at < options.each;
       at += static_cast<std::size_t>(turns)) {
    for (auto& [trial, faults] : trials) {
      if (at < faults.size()) {
        trial.run(faults[at], counts);
      }
    }
  }
  return 0;
}

void say_counts(const Counts& counts) {
  std::printf(
      "%ld injections tried, %ld with an accusation, %ld silent; besides these, %ld changed "
      "nothing, %ld runs gave no snapshot and %ld were not met\n",
      counts.tried.load(),
      counts.accused.load(),
      counts.silent.load(),
      counts.absorbed.load(),
      counts.failed.load(),
      counts.unmet.load());
}

Options read_options(int argc, char** argv) {
  Options options;
  const char* thorough = std::getenv("SOCKWITNESS_LONG");
  if (thorough != nullptr && std::string(thorough) == "1") {
    options.each = SIZE_MAX;
  }
  for (int at = 1; at < argc; ++at) {
    const std::string word = argv[at];
    if (word == "--all") {
      options.each = SIZE_MAX;
    } else if (word == "--verbose") {
      options.verbose = true;
    } else if (at + 1 < argc && word == "--each") {
      options.each = std::strtoul(argv[++at], nullptr, 10);
    } else if (at + 1 < argc && word == "--skip") {
      options.skipped = std::strtoul(argv[++at], nullptr, 10);
    } else if (at + 1 < argc && word == "--part") {
      options.part = argv[++at];
    } else if (at + 1 < argc && word == "--course") {
      options.course = argv[++at];
    }
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = read_options(argc, argv);
  if (const std::string why = why_no_machine(); !why.empty()) {
    std::printf("skipped: %s\n", why.c_str());
    return 77;
  }
  (void)std::setvbuf(stdout, nullptr, _IOLBF, 0);
  constexpr int kMachines = 2;
  void* shared =
      ::mmap(nullptr, sizeof(Counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) {
    std::perror("sharing the counts");
    return 1;
  }
  Counts& counts = *new (shared) Counts;
  int code = 0;
  for (int turn = 0; turn < kMachines; ++turn) {
    (void)start_machine([&, turn](const Machine& machine) {
      return work(machine, options, turn, kMachines, counts);
    });
  }
  for (int turn = 0; turn < kMachines; ++turn) {
    int status = 0;
    (void)::wait(&status);
    code = WIFEXITED(status) && WEXITSTATUS(status) == 0 ? code : 1;
  }
  say_counts(counts);
  return counts.accused + counts.silent == 0 && counts.tried > 0 ? code : 1;
}
