#include "recorder/write/hang_text.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "schema/base/scan.h"

namespace sockwitness::recorder {
namespace {

constexpr std::string_view kBoot = "boot ";
constexpr std::string_view kHung = "hung ";

// The fields of a line, until one is not a number.
class Fields {
 public:
  explicit Fields(std::string_view line) : line_(line) {}

  template <class T>
  T number() {
    const auto value = schema::parse_number<T>(schema::scan_until(line_, ' '));
    ok_ = ok_ && value.has_value();
    return value.value_or(T());
  }
  std::string_view word() { return schema::scan_until(line_, ' '); }
  [[nodiscard]] std::string_view rest() const { return line_; }
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  std::string_view line_;
  bool ok_ = true;
};

std::optional<Hang> parse_line(std::string_view line) {
  Fields fields(line);
  Hang hang;
  hang.process = schema::Pid(fields.number<std::int32_t>());
  hang.thread = schema::Pid(fields.number<std::int32_t>());
  hang.thread_start.nanoseconds = fields.number<std::int64_t>();
  hang.since.microseconds = fields.number<std::int64_t>();
  hang.what = fields.word();
  if (const auto pid = fields.number<std::int32_t>(); pid > 0) {
    hang.pid = schema::Pid(pid);
  }
  hang.pid_start.nanoseconds = fields.number<std::int64_t>();
  hang.device = schema::Device(fields.number<std::uint64_t>());
  hang.inode = schema::Inode(fields.number<std::uint64_t>());
  hang.path = fields.rest();
  const bool possible = hang.process > schema::Pid(0) && hang.thread > schema::Pid(0);
  return fields.ok() && possible && !hang.what.empty() ? std::optional(hang) : std::nullopt;
}

// A path with a line break is told without it, and then is no other path's.
std::string on_one_line(std::string path) {
  std::replace(path.begin(), path.end(), '\n', '?');
  return path;
}

}  // namespace

HangText parse_hang_text(std::string_view text) {
  HangText content;
  while (!text.empty()) {
    std::string_view line = schema::scan_until(text, '\n');
    if (schema::scan_literal(line, kBoot)) {
      content.boot_id = line;
    } else if (schema::scan_literal(line, kHung)) {
      if (auto hang = parse_line(line)) {
        content.hangs.push_back(std::move(*hang));
      }
    }
  }
  return content;
}

std::string format_hang_text(const HangText& content) {
  std::string text = fmt::format("{}{}\n", kBoot, content.boot_id);
  for (const Hang& hang : content.hangs) {
    text += fmt::format("{}{} {} {} {} {} {} {} {} {} {}\n",
                        kHung,
                        hang.process.value(),
                        hang.thread.value(),
                        hang.thread_start.nanoseconds,
                        hang.since.microseconds,
                        hang.what,
                        hang.pid ? hang.pid->value() : 0,
                        hang.pid_start.nanoseconds,
                        hang.device.value(),
                        hang.inode.value(),
                        on_one_line(hang.path));
  }
  return text;
}

}  // namespace sockwitness::recorder
