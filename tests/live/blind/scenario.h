// A history on whose snapshots something fails, and every question that is asked of it.
//
// In:    a machine on which nothing happens; a fault.
// Out:   what was recorded, and the answers.
// Never: a question whose answer depends on what time it is.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "schema/model/snapshot.h"
#include "tests/live/blind/failing_calls.h"
#include "tests/live/blind/machine.h"

namespace sockwitness::test {

enum class Course {
  Anew,     // twelve good ones, a blind one that reads everything anew, a good one
  Known,    // two good ones, a blind one that knows most things, a good one
  Lasting,  // two good ones, three blind ones, a good one
  First     // a blind one, two good ones
};

[[nodiscard]] std::string course_word(Course course);

// By the words of the question.
using Answers = std::map<std::string, std::string>;

// What was recorded, without what differs from run to run on a host on which nothing happens.
struct Recorded {
  std::vector<schema::Snapshot> snapshots;  // from the first blind one on
  bool complete = true;                     // every run gave one
  bool met = false;                         // the fault was met
};

class Scenario {
 public:
  // Records what all courses begin with.
  explicit Scenario(const Machine& machine);

  [[nodiscard]] std::map<Call, int> calls_of(Course course);
  [[nodiscard]] Recorded record(Course course, const std::optional<Fault>& fault);
  // About what was recorded last.
  [[nodiscard]] Answers ask(Course course) const;

 private:
  [[nodiscard]] std::string base_of(Course course) const;
  void copy_base(Course course) const;

  std::string folder_;
  std::string database_;
};

}  // namespace sockwitness::test
