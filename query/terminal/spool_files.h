// The files of a folder of lines: their names, and what is read of them.
//
// In:    the path of the folder, or of a file in it.
// Out:   names that sort as they were begun: NAME.000001.jsonl; sizes, whole lines; an Error
//        (Unusable) for a folder that others may write to.
// Never: follows a link, or writes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sockwitness::query {

inline constexpr const char* kSpoolHint =
    "name a folder of its own where this user may write, with room: sockwitness spool --to DIR";

[[noreturn]] void fail_spooling(std::string_view doing, const std::string& path, int error_number);

void require_own_folder(const std::string& folder);
[[nodiscard]] std::vector<std::string> list_folder_names(const std::string& folder);
void sync_folder(const std::string& folder);

struct SpoolFileName {
  std::string kind;
  std::uint64_t number = 0;
};
[[nodiscard]] std::string spool_file_name(const SpoolFileName& name);
// Nothing for a name that spool_file_name() does not give.
[[nodiscard]] std::optional<SpoolFileName> parse_spool_file_name(std::string_view name);

// Bytes; nothing where there is no such file.
[[nodiscard]] std::optional<std::uint64_t> size_of_file(const std::string& path);
// Precondition: `size` is not 0.
[[nodiscard]] bool ends_line(const std::string& path, std::uint64_t size);
// Of a file that another run wrote before what was known of it was lost.
[[nodiscard]] std::uint64_t count_lines(const std::string& path);
// Fewer bytes where the file ends.
[[nodiscard]] std::string read_part(int descriptor, std::uint64_t from, std::uint64_t size);

}  // namespace sockwitness::query
