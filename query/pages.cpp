// Writes the manual pages and completions of sockwitness.

#include <span>

#include "query/app/command_line.h"
#include "schema/pages/write_pages.h"

int main(int argc, char** argv) {
  return sockwitness::schema::make_pages(std::span<char*>(argv, static_cast<std::size_t>(argc)),
                                         sockwitness::query::describe_command_line(),
                                         {{},
                                          SOCKWITNESS_RELEASED,
                                          SOCKWITNESS_VERSION,
                                          "User Commands",
                                          {"sockwitness-policy(5)",
                                           "sockwitness-rules(5)",
                                           "sockwitness-database(5)",
                                           "sockwitness-recorder(8)"}});
}
