// A value, or the system error that prevented it: for places where failure is daily business.
//
// In:    what a system call returned.
// Out:   the value, or errno with the operation and the object, taken at the failing call.
// Never: throws, logs, or hides which of the two it is.
#pragma once

#include <cerrno>
#include <string>
#include <utility>
#include <variant>

namespace sockwitness::recorder {

struct SysError {
  int number = 0;         // errno
  std::string operation;  // "opening", "reading", …
  std::string object;     // bytes; escaped by whoever prints it
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : content_(std::move(value)) {}  // NOLINT(google-explicit-constructor): return value
  Result(SysError error)
      : content_(std::move(error)) {}  // NOLINT(google-explicit-constructor): return error

  [[nodiscard]] bool ok() const { return content_.index() == 0; }
  [[nodiscard]] explicit operator bool() const { return ok(); }

  // Precondition of both value()s: ok(). Of error(): not ok().
  [[nodiscard]] T& value() { return std::get<0>(content_); }
  [[nodiscard]] const T& value() const { return std::get<0>(content_); }
  [[nodiscard]] const SysError& error() const { return std::get<1>(content_); }

 private:
  std::variant<T, SysError> content_;
};

// The error of the call that just failed.
[[nodiscard]] inline SysError last_error(std::string operation, std::string object) {
  return SysError{errno, std::move(operation), std::move(object)};
}

}  // namespace sockwitness::recorder
