#include "query/app/policy_file.h"

#include "query/policy/policy_reader.h"
#include "query/policy/text_file.h"
#include "query/read/user_numbers.h"
#include "schema/base/error.h"

namespace sockwitness::query {

Policy read_policy(const std::string& named) {
  const std::string path = named.empty() ? kPolicyFile : named;
  const auto text = read_text_file(path);
  if (text) {
    return parse_policy(path, *text);
  }
  if (!named.empty()) {
    throw schema::Error(schema::ExitCode::Usage,
                        "reading policy '" + path + "': no such file",
                        "draft one with: sockwitness account --write-policy > '" + path + "'");
  }
  return {};
}

void add_user_numbers(History& history, Policy& policy) {
  for (PolicyEntry& entry : policy.entries) {
    add_user_numbers(history, entry.users);
  }
}

}  // namespace sockwitness::query
