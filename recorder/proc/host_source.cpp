#include "recorder/proc/host_source.h"

#include <sys/timex.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <string>

#include "recorder/os/dir.h"
#include "recorder/os/error_number.h"
#include "recorder/proc/accounts.h"
#include "recorder/proc/capabilities.h"
#include "recorder/proc/gap_reason.h"
#include "recorder/proc/host_facts.h"

namespace sockwitness::recorder {
namespace {

// A fact of the whole snapshot that is missing: no source of its own stands for it.
schema::Gap context_gap(schema::GapPart object, int error_number) {
  schema::Gap gap;
  gap.source = schema::GapSource::ProcessField;
  gap.reason = gap_reason(error_number);
  gap.object = object;
  gap.error_number = error_number;
  return gap;
}

// Empty where the host has none, as in many containers and in images that were never booted.
std::string read_machine_id(int host, std::vector<schema::Gap>& gaps) {
  std::string text;
  int failed = 0;
  for (const char* path : {"etc/machine-id", "var/lib/dbus/machine-id"}) {
    if (const auto got = read_file_at(host, path, text); !got) {
      failed = failed == 0 && !is_absent(got.error().number) ? got.error().number : failed;
    } else if (auto id = parse_machine_id(text)) {
      return std::move(*id);
    } else if (!text.empty() && !text.starts_with("uninitialized") && failed == 0) {
      failed = EBADMSG;
    }
  }
  if (failed != 0) {
    gaps.push_back(context_gap(schema::GapPart::MachineId, failed));
  }
  return {};
}

std::int64_t read_package_database_time(int host, std::vector<schema::Gap>& gaps) {
  const auto status = stat_at(host, "var/lib/dpkg/status");
  if (!status) {
    if (!is_absent(status.error().number)) {
      gaps.push_back(context_gap(schema::GapPart::PackageDatabase, status.error().number));
    }
    return 0;
  }
  constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
  return status.value().st_mtim.tv_sec * kNanosecondsPerSecond + status.value().st_mtim.tv_nsec;
}

// A list of libraries that the dynamic linker puts into every program. Source: ld.so(8).
std::string read_preload_file(int host, std::vector<schema::Gap>& gaps) {
  constexpr std::size_t kLongest = 64U << 10U;
  std::string content;
  const auto got = read_file_at(host, "etc/ld.so.preload", content, kLongest);
  if (!got && got.error().number != ENOENT) {
    gaps.push_back(context_gap(schema::GapPart::PreloadFile, got.error().number));
  }
  return got ? content : std::string();
}

// A host without the file has no names; one without any name in it could not be read.
template <class Name>
std::vector<Name> read_names(int host,
                             const char* path,
                             schema::GapPart object,
                             std::vector<Name> (*parse)(std::string_view),
                             std::vector<schema::Gap>& gaps) {
  std::string text;
  const auto got = read_file_at(host, path, text);
  if (!got) {
    if (!is_absent(got.error().number)) {
      gaps.push_back(context_gap(object, got.error().number));
    }
    return {};
  }
  std::vector<Name> names = parse(text);
  if (names.empty()) {
    gaps.push_back(context_gap(object, EBADMSG));
  }
  return names;
}

}  // namespace

schema::Context ProcHostSource::read_context(std::vector<schema::Gap>& gaps) {
  schema::Context context;
  std::string text;
  const int proc = roots_.proc.get();
  if (const auto got = read_file_at(proc, "sys/kernel/random/boot_id", text); !got) {
    gaps.push_back(context_gap(schema::GapPart::Boot, got.error().number));
  } else if (auto boot_id = parse_boot_id(text)) {
    context.boot_id = std::move(*boot_id);
  } else {
    gaps.push_back(context_gap(schema::GapPart::Boot, EBADMSG));
  }

  if (const auto got = read_file_at(proc, "sys/net/ipv4/ip_local_port_range", text); !got) {
    gaps.push_back(context_gap(schema::GapPart::EphemeralPorts, got.error().number));
  } else if (const auto range = parse_port_range(text)) {
    context.ephemeral_first = range->first;
    context.ephemeral_last = range->second;
  } else {
    gaps.push_back(context_gap(schema::GapPart::EphemeralPorts, EBADMSG));
  }

  // Before 4.11 there was no such setting.
  if (const auto got = read_file_at(proc, "sys/net/ipv4/ip_unprivileged_port_start", text); got) {
    if (const auto first = parse_port(text)) {
      context.unprivileged_first = *first;
    } else {
      gaps.push_back(context_gap(schema::GapPart::UnprivilegedPorts, EBADMSG));
    }
  } else if (got.error().number != ENOENT) {
    gaps.push_back(context_gap(schema::GapPart::UnprivilegedPorts, got.error().number));
  }

  struct utsname names {};
  if (::uname(&names) == 0) {
    context.host_name = names.nodename;
    context.kernel = std::string(names.release) + " " + names.version;
  }
  context.machine_id = read_machine_id(roots_.host.get(), gaps);
  context.recorder_version = SOCKWITNESS_VERSION;
  context.recorder_uid = schema::Uid(::geteuid());
  context.recorder_capabilities = read_effective_capabilities();
  context.package_database_mtime_ns = read_package_database_time(roots_.host.get(), gaps);
  context.preload_file = read_preload_file(roots_.host.get(), gaps);
  return context;
}

std::optional<schema::ClockSync> ProcHostSource::read_clock_sync(std::vector<schema::Gap>& gaps) {
  struct timex clock {};  // modes 0: only asks
  const int state = ::adjtimex(&clock);
  if (state < 0) {
    schema::Gap gap;
    gap.source = schema::GapSource::Clock;
    gap.reason = gap_reason(errno);
    gap.error_number = errno;
    gaps.push_back(std::move(gap));
    return std::nullopt;
  }
  schema::ClockSync sync;
  sync.synchronized = state != TIME_ERROR && (clock.status & STA_UNSYNC) == 0;
  sync.max_error_us = clock.maxerror;
  sync.estimated_error_us = clock.esterror;
  return sync;
}

std::vector<schema::UserName> ProcHostSource::read_users(std::vector<schema::Gap>& gaps) {
  return read_names(
      roots_.host.get(), "etc/passwd", schema::GapPart::UserNames, parse_passwd, gaps);
}

std::vector<schema::GroupName> ProcHostSource::read_groups(std::vector<schema::Gap>& gaps) {
  return read_names(roots_.host.get(), "etc/group", schema::GapPart::GroupNames, parse_group, gaps);
}

std::vector<schema::RpcRegistration> ProcHostSource::read_registrations(
    std::vector<schema::Gap>& gaps) {
  return read_registrations_ ? read_registrations_(gaps) : std::vector<schema::RpcRegistration>();
}

std::vector<ContainerAnswer> ProcHostSource::read_containers(
    const std::vector<ContainerQuestion>& questions) {
  std::vector<ContainerAnswer> answers;
  for (const ContainerQuestion& question : questions) {
    answers.push_back(read_container_ ? read_container_(question) : ContainerAnswer());
  }
  return answers;
}

}  // namespace sockwitness::recorder
