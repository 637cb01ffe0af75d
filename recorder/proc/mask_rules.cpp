#include <algorithm>

#include "recorder/proc/mask.h"

namespace sockwitness::recorder {
namespace {

std::string_view take_word(std::string_view& line) {
  constexpr std::string_view kBlanks = " \t\r";
  const std::size_t begin = std::min(line.find_first_not_of(kBlanks), line.size());
  line.remove_prefix(begin);
  const std::size_t end = std::min(line.find_first_of(kBlanks), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

bool read_line(std::string_view line, MaskRules& rules) {
  line = line.substr(0, line.find('#'));
  const std::string_view kind = take_word(line);
  if (kind.empty()) {
    return true;
  }
  if (kind == "only") {
    rules = {};
    return take_word(line).empty();
  }
  const std::string_view first = take_word(line);
  const std::string_view second = take_word(line);
  if (kind == "name") {
    rules.names.emplace(first);
    return !first.empty() && second.empty();
  }
  rules.options.insert({std::string(first), std::string(second), true});
  return kind == "option" && second.size() > 1 && second.front() == '-' && take_word(line).empty();
}

}  // namespace

MaskRules default_mask_rules() {
  MaskRules rules;
  rules.names = {"password",
                 "passwd",
                 "passphrase",
                 "pass",
                 "secret",
                 "token",
                 "api-key",
                 "apikey",
                 "access-key",
                 "secret-key",
                 "credential",
                 "credentials",
                 "authorization"};
  for (const char* program : {"mysql",
                              "mysqldump",
                              "mysqladmin",
                              "mysqlimport",
                              "mysqlcheck",
                              "mariadb",
                              "mariadb-dump",
                              "mariadb-admin",
                              "mariadb-check",
                              "7z",
                              "7za",
                              "7zr"}) {
    rules.options.insert({program, "-p", false});  // "-p secret" asks, and secret is a database
  }
  rules.options.insert({"sshpass", "-p", true});
  rules.options.insert({"curl", "-u", true});
  rules.options.insert({"curl", "--user", true});
  rules.options.insert({"curl", "-U", true});
  rules.options.insert({"curl", "--proxy-user", true});
  rules.options.insert({"redis-cli", "-a", true});
  rules.options.insert({"mongo", "-p", true});
  rules.options.insert({"mongosh", "-p", true});
  rules.options.insert({"mongodump", "-p", true});
  rules.options.insert({"ldapsearch", "-w", true});
  rules.options.insert({"ldapmodify", "-w", true});
  rules.options.insert({"ldapadd", "-w", true});
  rules.options.insert({"smbclient", "-U", true});
  rules.options.insert({"zip", "-P", true});
  rules.options.insert({"unzip", "-P", true});
  rules.options.insert({"sqlcmd", "-P", true});
  rules.options.insert({"openssl", "-passin", true});
  rules.options.insert({"openssl", "-passout", true});
  rules.options.insert({"openssl", "-k", true});
  rules.options.insert({"xfreerdp", "/p:", false});
  rules.options.insert({"rdesktop", "-p", true});
  return rules;
}

std::optional<MaskFileFlaw> read_mask_rules(std::string_view text, MaskRules& rules) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (!read_line(text.substr(0, end), rules)) {
      return MaskFileFlaw{number};
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::nullopt;
}

}  // namespace sockwitness::recorder
