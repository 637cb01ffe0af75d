#include "query/app/alert_store.h"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "schema/base/base_name.h"
#include "schema/base/escape.h"
#include "schema/chain/sha256.h"

namespace sockwitness::query {
namespace {

constexpr std::chrono::seconds kPatience(60);

std::string read_variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): no thread is started
  return value == nullptr ? std::string() : std::string(value);
}

// The same file has the same name, whatever it is called by.
std::string whole_path(const std::string& path) {
  std::error_code ignored;
  const auto whole = std::filesystem::weakly_canonical(path, ignored);
  return ignored ? path : whole.string();
}

std::string usual_folder() {
  if (const std::string state = read_variable("XDG_STATE_HOME"); !state.empty()) {
    return state + "/sockwitness-alert";
  }
  return ::geteuid() == 0 ? "/var/lib/sockwitness-alert"
                          : read_variable("HOME") + "/.local/state/sockwitness-alert";
}

}  // namespace

std::string find_alert_state(const std::string& option, const std::string& database) {
  if (!option.empty()) {
    return option;
  }
  constexpr std::size_t kDigits = 16;
  const std::string whole = whole_path(database);
  return fmt::format("{}/{}-{}.state",
                     usual_folder(),
                     schema::base_name(whole),
                     schema::hex(schema::sha256(whole)).substr(0, kDigits));
}

ReadState read_alert_state(const std::string& path) {
  StateText kept = read_state_text(path);
  ReadState read{std::nullopt, std::move(kept.damage)};
  if (kept.text) {
    read.state = parse_alert_state(*kept.text);
    read.damage = read.state
                      ? std::string()
                      : fmt::format("reading '{}': it is damaged, or of another version", path);
  }
  return read;
}

AlertStore::AlertStore(std::string path, std::string database)
    : path_(std::move(path)), database_(std::move(database)) {
  if (path_.starts_with(usual_folder() + "/")) {
    make_state_folder(path_);
  }
  lock_.emplace(path_ + ".lock",
                kPatience,
                StateLock::Words{
                    "another alert is being told", "what is new is told by the next one", hint()});
}

std::string AlertStore::hint() {
  return "name a file for it where you may write: sockwitness alert --state FILE\n"
         "without it everything is told again each time";
}

void AlertStore::prepare(const AlertState& state) {
  file_ = std::make_unique<OutputFile>(
      path_, OutputFile::Existing::Replace, database_, OutputFile::Readers::Owner);
  file_->write(write_alert_state(state));
  file_->complete();
}

void AlertStore::commit() {
  file_->finish();
}

}  // namespace sockwitness::query
