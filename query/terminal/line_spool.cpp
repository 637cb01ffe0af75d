#include "query/terminal/line_spool.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>

#include <fmt/format.h>

#include "query/terminal/descriptor.h"
#include "query/terminal/spool_files.h"
#include "schema/base/error.h"
#include "schema/base/scan.h"
#include "schema/chain/checked_text.h"

namespace sockwitness::query {
namespace {

using schema::Error;
using schema::ExitCode;

// The folder's own files.
constexpr const char* kLock = "lock";
constexpr const char* kCursor = "cursor";
constexpr const char* kPending = "pending";
constexpr std::string_view kCursorHead = "sockwitness-spool 1\n";
constexpr std::string_view kPendingHead = "sockwitness-pending 1\n";
constexpr std::size_t kLargestPending = std::size_t{1} << 30;

// The whole lines at the begin that have room, one at least.
std::string_view lines_within(std::string_view text, std::uint64_t room) {
  if (text.size() <= room) {
    return text;
  }
  const auto end = room == 0 ? std::string_view::npos : text.rfind('\n', room - 1);
  return text.substr(0, (end == std::string_view::npos ? text.find('\n') : end) + 1);
}

std::optional<std::uint64_t> scan_field(std::string_view& line) {
  return schema::parse_number<std::uint64_t>(schema::scan_until(line, ' '));
}

}  // namespace

LineSpool::LineSpool(std::string folder, SpoolLimits limits)
    : folder_(std::move(folder)), limits_(limits) {
  constexpr mode_t kFolderMode = 0750;
  if (::mkdir(folder_.c_str(), kFolderMode) != 0 && errno != EEXIST) {
    fail_spooling("making", folder_, errno);
  }
  require_own_folder(folder_);
  lock_.emplace(path_of(kLock),
                std::chrono::seconds(0),
                StateLock::Words{"another run is writing there",
                                 "the next run takes what is new; one folder for each schedule",
                                 kSpoolHint});
  complete_pending();
  StateText kept = read_state_text(path_of(kCursor));
  damage_ = std::move(kept.damage);
  if (kept.text) {
    const auto content = schema::open_checked(*kept.text, kCursorHead);
    if (!content || !take_state(*content)) {
      damage_ = fmt::format("reading '{}': it is damaged, or of another version", path_of(kCursor));
    }
  }
  learn_files();
}

// "file KIND NUMBER LINES" …, an empty line, the caller's words.
bool LineSpool::take_state(std::string_view text) {
  std::map<std::string, std::vector<File>> files;
  while (!text.starts_with('\n')) {
    std::string_view line = schema::scan_until(text, '\n');
    const bool is_file = schema::scan_literal(line, "file ");
    const std::string kind(schema::scan_until(line, ' '));
    const auto number = scan_field(line);
    const auto lines = scan_field(line);
    if (!is_file || kind.empty() || !number || !lines) {
      return false;
    }
    files[kind].push_back({*number, 0, *lines});
  }
  files_ = std::move(files);
  cursor_ = text.substr(1);
  return true;
}

// As they are by now: the reader may have removed what it has read.
void LineSpool::learn_files() {
  std::map<std::string, std::vector<File>> found;
  for (const std::string& name : list_folder_names(folder_)) {
    const auto parsed = parse_spool_file_name(name);
    const auto size = parsed ? size_of_file(path_of(name)) : std::nullopt;
    if (!size) {
      continue;
    }
    // A line that was cut off from outside is not continued: the next file is begun.
    const bool whole = *size == 0 || ends_line(path_of(name), *size);
    const auto& known = files_[parsed->kind];
    const auto same = std::find_if(known.begin(), known.end(), [&](const File& file) {
      return file.number == parsed->number;
    });
    found[parsed->kind].push_back(
        {parsed->number, whole ? *size : limits_.file, same == known.end() ? 0 : same->lines});
  }
  for (auto& [kind, files] : found) {
    std::sort(files.begin(), files.end(), [](const File& left, const File& right) {
      return left.number < right.number;
    });
  }
  // A number is never given again, not even when its file is gone.
  for (const auto& [kind, known] : files_) {
    auto& files = found[kind];
    if (!known.empty() && (files.empty() || files.back().number < known.back().number)) {
      files.push_back({known.back().number, limits_.file, known.back().lines});
    }
  }
  files_ = std::move(found);
}

void LineSpool::add(const std::string& kind, std::string_view line) {
  waiting_[kind] += line;
  waiting_bytes_ += line.size();
}

void LineSpool::discard() {
  waiting_.clear();
  waiting_bytes_ = 0;
}

std::vector<RemovedFile> LineSpool::files_in_excess(std::uint64_t bytes_more) const {
  struct Candidate {
    std::string kind;
    File file;
  };
  std::uint64_t all = waiting_bytes_ + bytes_more;
  std::vector<Candidate> candidates;
  for (const auto& [kind, files] : files_) {
    for (const File& file : files) {
      const auto size = size_of_file(path_of(spool_file_name({kind, file.number})));
      all += size.value_or(0);
      const bool grows = &file == &files.back();
      if (size && !grows) {
        candidates.push_back({kind, file});
      }
    }
  }
  // By their share of the limit that is left of a kind: the most numerous go first.
  std::stable_sort(
      candidates.begin(), candidates.end(), [&](const Candidate& left, const Candidate& right) {
        const auto age = [&](const Candidate& each) {
          return files_.at(each.kind).back().number - each.file.number;
        };
        return age(left) > age(right);
      });
  std::vector<RemovedFile> removed;
  for (const Candidate& each : candidates) {
    if (all <= limits_.all) {
      break;
    }
    const std::string name = spool_file_name({each.kind, each.file.number});
    const std::uint64_t lines = each.file.lines > 0 ? each.file.lines : count_lines(path_of(name));
    removed.push_back({name, lines, each.file.bytes});
    all -= std::min(all, each.file.bytes);
  }
  return removed;
}

LineSpool::File& LineSpool::file_for(const std::string& kind, std::uint64_t bytes) {
  auto& files = files_[kind];
  const bool full =
      !files.empty() && files.back().bytes > 0 && files.back().bytes + bytes > limits_.file;
  if (files.empty() || full) {
    files.push_back({files.empty() ? std::uint64_t{1} : files.back().number + 1, 0, 0});
  }
  return files.back();
}

std::string LineSpool::state_text(std::string_view cursor) const {
  std::string text;
  for (const auto& [kind, files] : files_) {
    for (const File& file : files) {
      text += fmt::format("file {} {} {}\n", kind, file.number, file.lines);
    }
  }
  return text + "\n" + std::string(cursor);
}

void LineSpool::commit(std::string_view cursor, const std::vector<RemovedFile>& excess) {
  broken_ = true;
  // "remove NAME", "grow NAME FROM SIZE", "cursor SIZE", an empty line, the texts in this order.
  std::string plan;
  std::string texts;
  for (const RemovedFile& removed : excess) {
    plan += fmt::format("remove {}\n", removed.name);
    const auto parsed = parse_spool_file_name(removed.name);
    std::erase_if(files_[parsed->kind],
                  [&](const File& file) { return file.number == parsed->number; });
  }
  for (const auto& [kind, waiting] : waiting_) {
    std::string_view rest = waiting;
    while (!rest.empty()) {
      File& file = file_for(kind, rest.find('\n') + 1);
      const std::string_view part =
          lines_within(rest, limits_.file - std::min(limits_.file, file.bytes));
      plan += fmt::format(
          "grow {} {} {}\n", spool_file_name({kind, file.number}), file.bytes, part.size());
      file.bytes += part.size();
      file.lines += static_cast<std::uint64_t>(std::count(part.begin(), part.end(), '\n'));
      rest.remove_prefix(part.size());
    }
    texts += waiting;
  }
  const std::string state = state_text(cursor);
  plan += fmt::format("cursor {}\n\n", state.size());
  const std::string pending = schema::with_check(std::string(kPendingHead) + plan + texts + state);
  replace_state_text(path_of(kPending), pending, kSpoolHint);
  discard();
  complete_pending();
  cursor_ = cursor;
  broken_ = false;
}

void LineSpool::complete_pending() {
  const std::string path = path_of(kPending);
  const StateText pending = read_state_text(path, kLargestPending);
  if (!pending.damage.empty()) {
    throw Error(ExitCode::Unusable,
                pending.damage,
                fmt::format("move '{}' away; what it holds is written again", path));
  }
  if (!pending.text) {
    return;
  }
  const auto plan = schema::open_checked(*pending.text, kPendingHead);
  if (plan) {
    apply(*plan);
  }
  // A damaged one is no plan: the cursor does not know of it, so its lines are made again.
  if (::unlink(path.c_str()) != 0) {
    fail_spooling("removing", path, errno);
  }
  sync_folder(folder_);
}

void LineSpool::apply(std::string_view plan) {
  std::vector<std::string> removed;
  std::vector<std::pair<Growth, std::uint64_t>> growths;
  std::uint64_t state_size = 0;
  while (!plan.starts_with('\n') && !plan.empty()) {
    std::string_view line = schema::scan_until(plan, '\n');
    if (schema::scan_literal(line, "remove ")) {
      removed.emplace_back(line);
    } else if (schema::scan_literal(line, "grow ")) {
      Growth growth;
      growth.name = schema::scan_until(line, ' ');
      growth.from = scan_field(line).value_or(0);
      growths.emplace_back(std::move(growth), scan_field(line).value_or(0));
    } else if (schema::scan_literal(line, "cursor ")) {
      state_size = scan_field(line).value_or(0);
    }
  }
  plan.remove_prefix(std::min<std::size_t>(1, plan.size()));
  for (auto& [growth, size] : growths) {
    growth.text = plan.substr(0, size);
    plan.remove_prefix(std::min<std::size_t>(size, plan.size()));
  }
  for (const std::string& name : removed) {
    ::unlink(path_of(name).c_str());  // gone already: another program removed it
  }
  for (const auto& [growth, size] : growths) {
    grow(growth);
  }
  sync_folder(folder_);
  replace_state_text(
      path_of(kCursor),
      schema::with_check(std::string(kCursorHead) + std::string(plan.substr(0, state_size))),
      kSpoolHint);
}

// Adds what is missing of it: a run that was killed may have added a part.
void LineSpool::grow(const Growth& growth) const {
  constexpr mode_t kFileMode = 0640;
  const std::string path = path_of(growth.name);
  const Descriptor file(::open(
      path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, kFileMode));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) {
    fail_spooling("writing", path, errno);
  }
  if (!S_ISREG(status.st_mode) || status.st_nlink != 1) {
    throw Error(ExitCode::Unusable,
                fmt::format("writing '{}': it is no file of its own", path),
                "move it away: the next run makes it anew");
  }
  const auto size = static_cast<std::uint64_t>(status.st_size);
  std::string_view rest = growth.text;
  std::string start;
  const std::uint64_t there = size > growth.from ? size - growth.from : 0;
  const std::string part =
      read_part(file.get(), growth.from, std::min<std::uint64_t>(there, rest.size()));
  if (size >= growth.from && rest.starts_with(part)) {
    rest.remove_prefix(part.size());
  } else if (size > 0 && read_part(file.get(), size - 1, 1) != "\n") {
    start = "\n";  // another program shortened it or wrote to it: our text begins a new line
  }
  start += rest;
  rest = start;
  while (!rest.empty()) {
    const ssize_t written = ::write(file.get(), rest.data(), rest.size());
    if (written < 0 && errno != EINTR) {
      fail_spooling("writing", path, errno);
    }
    rest.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
  }
  if (::fsync(file.get()) != 0) {
    fail_spooling("writing", path, errno);
  }
}

}  // namespace sockwitness::query
