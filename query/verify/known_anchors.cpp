#include "query/verify/known_anchors.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

#include "query/verify/json_members.h"
#include "schema/base/error.h"
#include "schema/base/scan.h"
#include "schema/chain/anchor.h"
#include "schema/chain/hex_bytes.h"

namespace sockwitness::query {

void KnownAnchors::add_file(const std::string& path, Origin origin) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw schema::Error(schema::ExitCode::Usage,
                        fmt::format("reading anchors '{}': {}",
                                    path,
                                    std::generic_category().message(errno == 0 ? EIO : errno)),
                        "name a file with anchor lines, or the JSON Lines of an export");
  }
  std::string line;
  while (std::getline(file, line)) {
    add_line(line, origin);
  }
}

void KnownAnchors::add(Known& told, const schema::Hash& head, Origin origin) {
  told.heads.insert(head);
  told.outside = told.outside || origin == Origin::Outside;
}

void KnownAnchors::add_line(std::string_view line, Origin origin) {
  if (const auto anchor = schema::find_anchor(line)) {
    Lines& lines = lines_[anchor->archive];
    add(lines.by_record[anchor->record], anchor->head, origin);
    ++lines.count;
    return;
  }
  const auto begin = line.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) {
    return;
  }
  const bool ours = line.find("sockwitness-anchor") != std::string_view::npos;
  if (line[begin] == '{' ? !add_json(line.substr(begin), origin) : ours) {
    ++unreadable_;
  }
}

// Other lines of an export say nothing of heads: they are passed over.
bool KnownAnchors::add_json(std::string_view line, Origin origin) {
  const auto members = read_json_members(line);
  if (!members) {
    return false;
  }
  const auto text = [&](const char* name) {
    const auto found = members->find(name);
    return found == members->end() ? std::string() : found->second;
  };
  const auto number = [&](const char* name) {
    return schema::parse_number<std::int64_t>(text(name)).value_or(0);
  };
  if (text("archive").empty() || text("head").empty() || text("head") == "null") {
    return true;
  }
  const auto archive = schema::from_hex<16>(text("archive"));
  const auto head = schema::from_hex<32>(text("head"));
  const std::int64_t record = number("record");
  const std::int64_t seq = number("seq");
  if (!archive || !head || (record <= 0 && seq <= 0)) {
    return false;
  }
  Lines& lines = lines_[*archive];
  add(record > 0 ? lines.by_record[record] : lines.by_seq[seq], *head, origin);
  ++lines.count;
  return true;
}

KnownAnchors::Of KnownAnchors::of(const schema::ArchiveId& archive) const {
  Of of;
  for (const auto& [id, lines] : lines_) {
    if (id == archive) {
      of.by_record = lines.by_record;
      of.by_seq = lines.by_seq;
    } else {
      of.foreign += lines.count;
    }
  }
  return of;
}

void add_anchors_beside(const std::string& database,
                        const std::vector<std::string>& named,
                        KnownAnchors& anchors) {
  for (const std::string& path :
       {schema::older_anchor_file_of(database), schema::anchor_file_of(database)}) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0 ||
        std::find(named.begin(), named.end(), path) != named.end()) {
      continue;
    }
    try {
      anchors.add_file(path, KnownAnchors::Origin::Beside);
    } catch (const schema::Error&) {
      continue;
    }
  }
}

}  // namespace sockwitness::query
