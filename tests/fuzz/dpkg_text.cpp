// dpkg's files of a container are text from somebody else.
#include "recorder/programs/dpkg_text.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "recorder/programs/root_aliases.h"

using namespace sockwitness::recorder;

namespace {

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(data, data + size);
  RootAliases aliases;
  aliases.add("bin", "usr/bin");
  std::string buffer;
  visit_list(input, [&](std::string_view path) {
    require(path.starts_with('/') && path.find('\n') == std::string_view::npos);
    const std::string once(aliases.canonical(path, buffer));
    require(aliases.canonical(once) == once);
  });
  visit_checksums(input, [&](std::string_view digest, std::string_view path) {
    require(digest.size() == 32 && !path.empty());
    (void)parse_md5(digest);
  });
  std::string_view text = input;
  while (const auto stanza = scan_stanza(text)) {
    require(!stanza->name.empty() && !stanza->version.empty());
  }
  text = input;
  while (const auto diversion = scan_diversion(text)) {
    require(diversion->from.starts_with('/') && !diversion->package.empty());
  }
  return 0;
}
