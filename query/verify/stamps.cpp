#include "query/verify/stamps.h"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

#include <fmt/format.h>

#include "schema/base/error.h"

namespace sockwitness::query {

void read_stamps(const StampFiles& files, KnownAnchors& anchors) {
  for (const std::string& path : files.replies) {
    std::ifstream file(path, std::ios::binary);
    const std::string reply{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (!file.is_open() || file.bad()) {
      throw schema::Error(schema::ExitCode::Usage,
                          fmt::format("reading time stamp '{}': {}",
                                      path,
                                      std::generic_category().message(errno == 0 ? EIO : errno)),
                          "name the file that an authority answered: --tsr FILE");
    }
    anchors.add_stamp(schema::check_stamp_reply(path, reply, files.authorities));
  }
}

bool take_stamp(const KnownAnchors& anchors,
                std::int64_t record,
                const schema::Hash& head,
                Verdict& verdict) {
  const auto found = anchors.stamps().find(head);
  if (found == anchors.stamps().end()) {
    return false;
  }
  verdict.stamps.push_back({record, found->second.at_us, found->second.authority});
  return true;
}

void report_stamps_of_others(const KnownAnchors& anchors, Verdict& verdict) {
  if (verdict.stamps.size() == anchors.stamps().size()) {
    return;
  }
  ++verdict.problem_count;
  verdict.problems.push_back(
      {std::nullopt,
       std::nullopt,
       "a time stamp is of a head that is not here: the end was cut off, the file was put back to "
       "an older state, or it is of another file"});
}

}  // namespace sockwitness::query
