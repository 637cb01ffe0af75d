// Writes the manual pages and completions of sockwitness: make_pages_sockwitness SECTION WRITTEN
// TARGET.

#include <cstdio>
#include <span>

#include "query/app/command_line.h"
#include "schema/base/error.h"
#include "schema/pages/write_pages.h"

namespace {

sockwitness::schema::ManualHead head_of(const char* section) {
  return {section,
          SOCKWITNESS_RELEASED,
          SOCKWITNESS_VERSION,
          "User Commands",
          {"sockwitness-policy(5)",
           "sockwitness-rules(5)",
           "sockwitness-database(5)",
           "sockwitness-recorder(8)"}};
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<char*> words(argv, static_cast<std::size_t>(argc));
  if (words.size() != 4) {
    return 2;
  }
  try {
    sockwitness::schema::write_pages(
        sockwitness::query::describe_command_line(), head_of(words[1]), words[2], words[3]);
    return 0;
  } catch (const sockwitness::schema::Error& failure) {
    std::fputs(sockwitness::schema::error_text("make_pages", failure).c_str(), stderr);
    return 3;
  }
}
