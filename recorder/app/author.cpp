#include "recorder/app/author.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "recorder/proc/accounts.h"
#include "schema/base/scan.h"

namespace sockwitness::recorder {
namespace {

std::string read_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string name_of(schema::Uid uid) {
  const auto users = parse_passwd(read_file("/etc/passwd"));
  const auto found = std::find_if(
      users.begin(), users.end(), [&](const schema::UserName& user) { return user.uid == uid; });
  return found == users.end() ? std::to_string(uid.value()) : found->name;
}

}  // namespace

schema::Author read_author(schema::Uid user) {
  constexpr std::uint32_t kNobody = 0xFFFFFFFF;  // (uid_t)-1: never logged in
  schema::Author author;
  author.uid = user;
  author.user = name_of(author.uid);
  const auto login = schema::parse_number<std::uint32_t>(read_file("/proc/self/loginuid"));
  if (login && *login != kNobody) {
    author.login_user = name_of(schema::Uid(*login));
  } else if (const char* sudo = std::getenv("SUDO_USER")) {  // NOLINT(concurrency-mt-unsafe)
    author.login_user = sudo;
  }
  return author;
}

}  // namespace sockwitness::recorder
