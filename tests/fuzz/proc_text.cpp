// Every parser of recorder/proc, one after the other, on the same bytes.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "recorder/proc/accounts.h"
#include "recorder/proc/cgroup.h"
#include "recorder/proc/cgroup_members.h"
#include "recorder/proc/environ.h"
#include "recorder/proc/fdinfo.h"
#include "recorder/proc/host_facts.h"
#include "recorder/proc/link_text.h"
#include "recorder/proc/maps.h"
#include "recorder/proc/mountinfo.h"
#include "recorder/proc/octal.h"
#include "recorder/proc/script.h"
#include "recorder/proc/stat.h"
#include "recorder/proc/status.h"
#include "schema/view/runtime.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sockwitness::recorder;
  const std::string_view text(reinterpret_cast<const char*>(data), size);

  if (const auto line = parse_stat(text)) {
    require(line->pid > 0 && line->start.nanoseconds >= 0);
    require(text.find(line->name) != std::string_view::npos);
  }
  (void)parse_status(text);
  if (const auto mappings = parse_maps(text)) {
    for (const auto& mapping : *mappings) {
      require(mapping.path.starts_with('/') && !mapping.range.empty());
    }
  }
  for (const auto& mount : parse_mountinfo(text, {})) {
    (void)parse_proc_hiding(mount.super_options);
  }
  if (const auto place = parse_cgroup(text)) {
    require(place->path.empty() || place->path.starts_with('/'));
    require(parse_cgroup_path(place->path).path == place->path);
  }

  std::string_view rest = text;
  const std::string_view program = sockwitness::schema::scan_until(rest, '\n');
  const std::string_view directory = sockwitness::schema::scan_until(rest, '\n');
  const auto script = find_script(program, rest, directory);
  require(script.said.size() <= text.size() + 8);

  // Nothing but the two variables ever comes out of an environment.
  for (const std::string preload = parse_preload(text); std::string_view left : {preload}) {
    while (!left.empty()) {
      const auto variable = sockwitness::schema::scan_until(left, '\0');
      const auto name = variable.substr(0, variable.find('='));
      require(name.size() < variable.size() &&
              name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") ==
                  std::string_view::npos);
    }
  }
  std::string preload = parse_preload(text);
  const std::string all = preload;
  require(cut_preload(preload) == (all.size() > kLongestPreload));
  require(preload.size() <= kLongestPreload + 1);
  require(preload == all || preload.empty() || preload.ends_with('\0'));
  require(std::equal(preload.begin(), preload.end() - (preload.empty() ? 0 : 1), all.begin()));

  (void)parse_tty_index(text);
  (void)parse_registered_sockets(text);
  (void)parse_members(text);
  (void)find_covered(text);
  (void)sockwitness::schema::find_runtime(text);
  require(unescape_octal(text).size() <= size);
  const std::string plain = plain_path(text);
  require(plain_path(plain) == plain && plain.find("//") == std::string::npos);
  (void)parse_tun_interface(text);
  (void)parse_object_link(text, "socket");
  (void)parse_passwd(text);
  (void)parse_group(text);
  (void)parse_boot_id(text);
  (void)parse_machine_id(text);
  (void)parse_port_range(text);
  (void)parse_port(text);
  return 0;
}
