#include "recorder/write/environment.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include <SQLiteCpp/SQLiteCpp.h>

#include "recorder/os/dir.h"
#include "schema/base/scan.h"
#include "schema/chain/sha256.h"
#include "schema/disk/database.h"
#include "schema/disk/migrate.h"

namespace sockwitness::recorder {
namespace {

constexpr const char* kProgram = "/proc/self/exe";

std::int64_t nanoseconds(const timespec& time) {
  return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec;
}

std::optional<schema::FileMark> read_program_mark() {
  struct stat status {};
  if (::stat(kProgram, &status) != 0) {
    return std::nullopt;
  }
  return schema::FileMark{static_cast<std::int64_t>(status.st_dev),
                          static_cast<std::int64_t>(status.st_ino),
                          status.st_size,
                          nanoseconds(status.st_mtim),
                          nanoseconds(status.st_ctim)};
}

std::string hash_settings(const schema::Database& database) {
  std::string text;
  for (const schema::Setting& setting : database.settings()) {
    text += setting.name + '=' + setting.value + '\n';
  }
  return schema::sha256(text);
}

std::string read_machine_id() {
  std::string text;
  if (!read_file_at(AT_FDCWD, "/etc/machine-id", text)) {
    return {};
  }
  std::string_view rest = text;
  return std::string(schema::scan_until(rest, '\n'));
}

}  // namespace

schema::EnvironmentRow read_environment(schema::Database& database,
                                        const std::optional<schema::KnownEnvironment>& known) {
  schema::EnvironmentRow row;
  row.format = schema::kFormatVersion;
  row.schema_sha256 = schema::sha256(schema::describe_schema(database.sqlite()));
  row.configuration_sha256 = hash_settings(database);
  row.recorder_version = SOCKWITNESS_VERSION;
  if (const auto mark = read_program_mark()) {
    row.binary = *mark;
    row.binary_sha256 = known && known->row.binary_sha256 && known->row.binary == *mark
                            ? known->row.binary_sha256
                            : schema::sha256_of_file(kProgram);
  }
  row.machine_id = read_machine_id();
  utsname names{};
  if (::uname(&names) == 0) {
    row.host_name = names.nodename;
  }
  return row;
}

}  // namespace sockwitness::recorder
