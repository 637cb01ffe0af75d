// The costly half of a ProcessReader: what is read only when a process is new or has changed.
#include <optional>
#include <utility>
#include <vector>

#include "recorder/os/dir.h"
#include "recorder/proc/environ.h"
#include "recorder/proc/maps.h"
#include "recorder/proc/process_reader.h"
#include "recorder/proc/script.h"
#include "schema/view/app.h"

namespace sockwitness::recorder {
namespace {

// PATH_MAX: no file, module or class has a longer name, and whoever says one wrote it over its
// arguments.
constexpr std::size_t kLongestScript = 4096;

// Before ".." there may be a link, and then the kernel went elsewhere.
Result<bool> is_same_place(ProgramReader& programs,
                           const std::string& said,
                           const std::string& plain,
                           const std::optional<schema::Program>& there) {
  if (said == plain) {
    return true;
  }
  std::vector<schema::Gap> told_already;
  const auto found = programs.read_script(said, told_already);
  if (!found) {
    return found.error();
  }
  if (!found.value() || !there) {
    return found.value().has_value() == there.has_value();
  }
  return found.value()->device == there->device && found.value()->inode == there->inode;
}

}  // namespace

bool ProcessReader::differs_from_known() const {
  const KnownProcess* known = request_.known;
  const schema::Process& process = reading_.process;
  return known == nullptr || !known->costly || request_.deep || known->start != process.start ||
         known->name != process.name || known->command_line != process.command_line ||
         known->long_line != process.long_line ||
         (reading_.program && (known->program_device != reading_.program->device ||
                               known->program_inode != reading_.program->inode));
}

void ProcessReader::read_costly() {
  reading_.deep = true;
  read_environment();
  read_mappings();
  read_script();
}

void ProcessReader::read_environment() {
  if (!begin(ProcessStep::Environment)) {
    return;
  }
  if (const auto got = read_file_at(view_directory_, "environ", content_); !got) {
    return fail(schema::Part::Environment, got.error().number);
  }
  reading_.process.preload = parse_preload(content_);
  if (cut_preload(reading_.process.preload)) {
    fail(schema::Part::Environment, EFBIG);
  }
}

void ProcessReader::read_mappings() {
  if (!begin(ProcessStep::Mappings)) {
    return;
  }
  if (const auto got = read_file_at(view_directory_, "maps", content_); !got) {
    return fail(schema::Part::Mappings, got.error().number);
  }
  const auto mappings = parse_maps(content_);
  // What runs is mapped: there is no empty list of a process with a program.
  if (!mappings || (content_.empty() && reading_.program)) {
    return fail(schema::Part::Mappings, EBADMSG);
  }
  ProgramReader programs(
      view_directory_, open_roots(false), view_.memfd_devices, inspector_, watch());
  auto found = programs.read_mappings(*mappings, reading_.program, reading_.gaps);
  reading_.foreign_mappings = std::move(found.foreign);
  reading_.owned_mappings = std::move(found.owned);
  if (found.incomplete != 0) {
    fail(schema::Part::Mappings, found.incomplete);
  }
}

void ProcessReader::read_script() {
  if (!begin(ProcessStep::Script)) {
    return;
  }
  schema::Process& process = reading_.process;
  if (!reading_.program || (schema::is_runtime(reading_.program->path) && !process.command_line)) {
    process.unread.insert(schema::Part::Script);  // for want of what has its own gap
    return;
  }
  if (!process.command_line) {
    return;
  }
  // Where it lay at the exec: the process may have gone to another directory since.
  const bool known = same_exec() && request_.known->script.starts_with('/');
  const ScriptName name =
      known ? ScriptName{request_.known->script, request_.known->script, false}
            : find_script(reading_.program->path,
                          schema::ends_of(*process.command_line, process.long_line).head,
                          process.working_directory.value_or(std::string()));
  if (name.said.size() > kLongestScript) {
    return fail(schema::Part::Script, ENAMETOOLONG);
  }
  if (name.relative && !process.working_directory) {
    process.unread.insert(schema::Part::Script);
    return;
  }
  process.script = name.said;
  if (name.place.empty()) {
    return;
  }
  ProgramReader programs(
      view_directory_, open_roots(true), view_.memfd_devices, inspector_, watch());
  const std::string plain = plain_path(name.place);
  auto file = programs.read_script(plain, reading_.gaps);
  const auto same =
      file ? is_same_place(programs, name.place, plain, file.value()) : Result<bool>(file.error());
  if (!same) {
    // Where the path rests on what is there, it is not known either.
    const bool certain = !name.relative && name.place == plain;
    process.script = certain ? plain : std::string();
    return fail(certain ? schema::Part::ScriptFile : schema::Part::Script, same.error().number);
  }
  const bool lies_there = file.value() || programs.is_folder(plain);
  if ((name.relative && !lies_there) || !same.value()) {
    return;  // not the path of what runs: the words stay as they were said
  }
  process.script = plain;
  reading_.script_file = std::move(file.value());
}

}  // namespace sockwitness::recorder
