#include "recorder/app/say.h"

#include <cerrno>
#include <cstdio>
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

}  // namespace sockwitness::recorder
