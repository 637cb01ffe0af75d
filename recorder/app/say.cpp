#include "recorder/app/say.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string_view>
#include <system_error>

#include "schema/base/error.h"

namespace sockwitness::recorder {

void answer(const std::string& text, const char* done) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw schema::Error(schema::ExitCode::Unusable,
                        "writing the answer: " + std::generic_category().message(errno),
                        done);
  }
}

void tell(const std::string& text) {
  std::fputs(("sockwitness-recorder: " + text + "\n").c_str(), stderr);
}

void tell_out_of_memory(bool noted) noexcept {
  constexpr std::string_view kMessage =
      "sockwitness-recorder: recording: out of memory\n"
      "  nothing recorded before is lost; run again when there is memory\n";
  constexpr std::string_view kNotNoted =
      "  this run is in no account: there was no memory to note it\n";
  static_cast<void>(::write(STDERR_FILENO, kMessage.data(), kMessage.size()) < 0);
  if (!noted) {
    static_cast<void>(::write(STDERR_FILENO, kNotNoted.data(), kNotNoted.size()) < 0);
  }
}

}  // namespace sockwitness::recorder
