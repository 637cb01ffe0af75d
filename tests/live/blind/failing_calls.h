// System calls of this very process that are counted, made to fail, or answered otherwise.
//
// In:    which call on which path, the how-manieth of them, and what is to happen to it.
// Out:   what was called how often; how often a fault was met.
// Never: touches a call below the folder of the database. A program that links this file has its
//        calls replaced, those of its libraries as well.
#pragma once

#include <climits>
#include <compare>
#include <map>
#include <optional>
#include <string>

namespace sockwitness::test {

// "openat /proc/12/status", "getdents /proc", "recvmsg diag:2/6", "adjtimex".
struct Call {
  std::string name;
  std::string path;

  friend auto operator<=>(const Call&, const Call&) = default;
};

enum class FaultKind {
  Error,        // the call fails with `error_number`
  Empty,        // it gives nothing: end of file, an empty listing
  Half,         // the first half of what it would give, then the end
  Garbage,      // as many bytes that mean nothing
  Interrupted,  // netlink: NLM_F_DUMP_INTR
  Refused,      // netlink: the message is NLMSG_ERROR with `error_number`
  BadEnd        // netlink: NLMSG_DONE carries `error_number`
};

struct Fault {
  Call call;
  FaultKind kind = FaultKind::Error;
  int error_number = 0;
  int first = 1;  // the how-manieth such call, from 1
  int last = INT_MAX;
};

[[nodiscard]] std::string fault_words(const Fault& fault);

// Calls on these paths are neither counted nor made to fail.
void leave_alone(const std::string& prefix);
void begin_counting();
[[nodiscard]] std::map<Call, int> end_counting();

void set_fault(const std::optional<Fault>& fault);  // counts from zero
[[nodiscard]] int fault_hits();

// What a file or a link says from now on, as long as no fault of its own is met.
void say_content(const std::string& path, const std::string& content);
void say_link(const std::string& path, const std::string& text);

}  // namespace sockwitness::test
