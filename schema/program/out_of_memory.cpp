#include "schema/program/out_of_memory.h"

#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <exception>
#include <new>

#include "schema/base/error.h"
#include "schema/program/leftover.h"

namespace sockwitness::schema {
namespace {

const char* ending_program = "sockwitness";
const char* ending_what = "starting";

// An exception that got no memory has no object to read.
[[noreturn]] void end_without_exception() {
  if (!std::current_exception()) {
    constexpr std::size_t kNeeded = 1024;
    void* memory = std::malloc(kNeeded);
    if (memory == nullptr) {
      end_out_of_memory();
    }
    std::free(memory);
  }
  std::abort();
}

iovec piece(const char* text) {
  return {const_cast<char*>(text), ::strlen(text)};
}

}  // namespace

void end_when_out_of_memory(const char* program, const char* doing) noexcept {
  ending_program = program;
  ending_what = doing;
  std::set_new_handler(end_out_of_memory);
  std::set_terminate(end_without_exception);
}

void end_out_of_memory() noexcept {
  const std::array message{piece(ending_program),
                           piece(": "),
                           piece(ending_what),
                           piece(": "),
                           piece(kOutOfMemory),
                           piece("\n  "),
                           piece(kOutOfMemoryHint),
                           piece("\n")};
  // There is no way left to report that this failed.
  [[maybe_unused]] const ssize_t written =
      ::writev(STDERR_FILENO, message.data(), static_cast<int>(message.size()));
  remove_leftovers();
  ::_exit(static_cast<int>(ExitCode::Unusable));
}

}  // namespace sockwitness::schema
