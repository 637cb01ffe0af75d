// What a rule's SQL may do: select from the staged tables with harmless functions.
//
// In:    a connection to a stage.
// Out:   while it lives, statements that are prepared there are held to that; which tables they
//        read, and what was refused.
// Never: allows what it does not know: a new action of SQLite is refused.
#pragma once

#include <set>
#include <string>
#include <vector>

struct sqlite3;

namespace sockwitness::query {

class Authoriser {
 public:
  // `tables` outlives this.
  Authoriser(sqlite3* connection, const std::vector<std::string>& tables);
  Authoriser(const Authoriser&) = delete;
  Authoriser& operator=(const Authoriser&) = delete;
  ~Authoriser();

  // Of the statements that were prepared since the last call.
  [[nodiscard]] std::set<std::string> take_tables_read();
  // "the function 'random'"; empty when nothing was refused since the last call.
  [[nodiscard]] std::string take_refusal();

 private:
  static int decide(void* self,
                    int action,
                    const char* first,
                    const char* second,
                    const char* database,
                    const char* trigger);
  [[nodiscard]] bool allows(int action, const char* first, const char* second);

  sqlite3* connection_;
  const std::vector<std::string>& tables_;
  std::set<std::string> read_;
  std::string refusal_;
};

}  // namespace sockwitness::query
