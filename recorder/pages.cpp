// Writes the manual pages and completions of the recorder.

#include <span>

#include "recorder/app/command_line.h"
#include "schema/pages/write_pages.h"

int main(int argc, char** argv) {
  return sockwitness::schema::make_pages(std::span<char*>(argv, static_cast<std::size_t>(argc)),
                                         sockwitness::recorder::describe_command_line(),
                                         {{},
                                          SOCKWITNESS_RELEASED,
                                          SOCKWITNESS_VERSION,
                                          "System Administration",
                                          {"sockwitness(1)", "sockwitness-database(5)"}});
}
