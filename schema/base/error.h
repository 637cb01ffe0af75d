// The one exception of the project, and the exit codes of both programs.
//
// In:    a kind, a message ("doing what 'object': reason"), optionally a hint naming the next
//        command.
// Out:   what main prints, and the code it returns.
// Never: thrown below recorder/collect, where failure is daily business and a Result says so.
#pragma once

#include <exception>
#include <string>

namespace sockwitness::schema {

// The contract with cron, units and scripts; both programs, every command.
enum class ExitCode : int {
  Clean = 0,
  Findings = 1,      // differences, findings, unexplained ports
  Usage = 2,         // the command line is at fault
  Unusable = 3,      // database or output unusable, or evidence altered
  Incomplete = 4,    // a snapshot with gaps, under --strict
  Interrupted = 130  // SIGINT or SIGTERM before the work was done
};

class Error : public std::exception {
 public:
  Error(ExitCode code, std::string message, std::string hint = {})
      : code_(code), message_(std::move(message)), hint_(std::move(hint)) {}

  [[nodiscard]] ExitCode code() const noexcept { return code_; }
  [[nodiscard]] const std::string& message() const noexcept { return message_; }
  [[nodiscard]] const std::string& hint() const noexcept { return hint_; }
  [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }

 private:
  ExitCode code_;
  std::string message_;
  std::string hint_;
};

// "program: message", then each line of the hint indented: what main prints, escaped for a
// terminal.
[[nodiscard]] std::string error_text(const char* program, const Error& error);

}  // namespace sockwitness::schema
