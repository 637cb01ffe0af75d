#include "query/spool/spool_cursor.h"

#include <utility>

#include <fmt/format.h>

#include "schema/base/escape.h"
#include "schema/base/scan.h"
#include "schema/chain/hex_bytes.h"

namespace sockwitness::query {
namespace {

using schema::Seq;
using schema::WallTime;

constexpr std::string_view kHead = "cursors 1\n";
constexpr std::string_view kNothing = "-";

std::string bytes_field(std::string_view bytes) {
  return bytes.empty() ? std::string(kNothing) : schema::hex(bytes);
}

std::string stamp_field(const Stamp& stamp) {
  return fmt::format("{} {}", stamp.seq.value(), stamp.at.microseconds);
}

std::string stamp_field(const std::optional<Stamp>& stamp) {
  return stamp ? stamp_field(*stamp) : fmt::format("{} {}", kNothing, kNothing);
}

// Fields of a line, one after the other; a wrong one spoils all of it.
class Fields {
 public:
  explicit Fields(std::string_view line) : rest_(line) {}

  std::string_view word() {
    good_ = good_ && !rest_.empty();
    return schema::scan_until(rest_, ' ');
  }

  template <class T>
  T number() {
    const auto value = schema::parse_number<T>(word());
    good_ = good_ && value.has_value();
    return value.value_or(T{});
  }

  std::string bytes() {
    const std::string_view text = word();
    if (text == kNothing) {
      return {};
    }
    const auto value = schema::bytes_from_hex(text);
    good_ = good_ && value.has_value();
    return value.value_or(std::string());
  }

  Stamp stamp() {
    const auto seq = number<std::int64_t>();
    return {Seq(seq), WallTime{number<std::int64_t>()}};
  }

  std::optional<Stamp> perhaps_stamp() {
    if (!rest_.starts_with(kNothing)) {
      return stamp();
    }
    word();
    word();
    return std::nullopt;
  }

  // All that is left of the line.
  std::string rest() { return std::string(std::exchange(rest_, {})); }

  // There are no more.
  [[nodiscard]] bool end() const { return good_ && rest_.empty(); }
  void spoil() { good_ = false; }

 private:
  std::string_view rest_;
  bool good_ = true;
};

std::string service_line(const OpenService& service) {
  const schema::Endpoint& place = service.endpoint;
  return fmt::format("service {} {} {} {} {} {} {} {} {} {} {} {}\n",
                     bytes_field(place.netns),
                     static_cast<unsigned>(place.protocol),
                     static_cast<unsigned>(place.family),
                     bytes_field(place.address.bytes()),
                     place.port.value(),
                     bytes_field(place.name),
                     bytes_field(place.device),
                     bytes_field(service.row),
                     stamp_field(service.first),
                     stamp_field(service.not_before),
                     stamp_field(service.last),
                     service.content);
}

OpenService take_service(Fields& fields) {
  OpenService service;
  schema::Endpoint& place = service.endpoint;
  place.netns = fields.bytes();
  place.protocol = static_cast<schema::Protocol>(fields.number<std::uint8_t>());
  place.family = static_cast<schema::Family>(fields.number<std::uint8_t>());
  const auto address = schema::IpAddress::from_bytes(fields.bytes());
  address ? void(place.address = *address) : fields.spoil();
  place.port = schema::Port(fields.number<std::uint16_t>());
  place.name = fields.bytes();
  place.device = fields.bytes();
  service.row = fields.bytes();
  service.first = fields.stamp();
  service.not_before = fields.perhaps_stamp();
  service.last = fields.stamp();
  service.content = fields.rest();
  return service;
}

std::string finding_line(const OpenFinding& finding) {
  return fmt::format("finding {} {} {} {} {} {} {} {}\n",
                     bytes_field(finding.key),
                     bytes_field(finding.row),
                     bytes_field(finding.rule),
                     stamp_field(finding.first),
                     stamp_field(finding.not_before),
                     stamp_field(finding.last),
                     stamp_field(finding.unseen),
                     finding.content);
}

OpenFinding take_finding(Fields& fields) {
  OpenFinding finding;
  finding.key = fields.bytes();
  finding.row = fields.bytes();
  finding.rule = fields.bytes();
  finding.first = fields.stamp();
  finding.not_before = fields.perhaps_stamp();
  finding.last = fields.stamp();
  finding.unseen = fields.perhaps_stamp();
  finding.content = fields.rest();
  return finding;
}

// "programs 1-40 45-45": runs of rows.
std::string programs_line(const std::set<std::int64_t>& programs) {
  std::string line = "programs";
  for (auto at = programs.begin(); at != programs.end();) {
    const std::int64_t first = *at;
    std::int64_t last = first;
    for (++at; at != programs.end() && *at == last + 1; ++at) {
      last = *at;
    }
    line += fmt::format(" {}-{}", first, last);
  }
  return line + "\n";
}

bool take_programs(std::string_view rest, std::set<std::int64_t>& programs) {
  while (!rest.empty()) {
    std::string_view run = schema::scan_until(rest, ' ');
    const auto first = schema::parse_number<std::int64_t>(schema::scan_until(run, '-'));
    const auto last = schema::parse_number<std::int64_t>(run);
    if (!first || !last || *last < *first || *last - *first > INT32_MAX) {
      return false;
    }
    for (std::int64_t row = *first; row <= *last; ++row) {
      programs.insert(programs.end(), row);
    }
  }
  return true;
}

bool take_line(std::string_view word, std::string_view rest, ArchiveCursor& archive) {
  if (word == "programs") {
    return take_programs(rest, archive.programs);
  }
  Fields fields(rest);
  if (word == "last") {
    archive.last = fields.stamp();
  } else if (word == "judged") {
    archive.judged = fields.stamp();
  } else if (word == "epoch") {
    archive.epoch = Seq(fields.number<std::int64_t>());
  } else if (word == "peers") {
    archive.peers_from = Seq(fields.number<std::int64_t>());
  } else if (word == "record") {
    archive.record = fields.number<std::int64_t>();
  } else if (word == "service") {
    archive.services.push_back(take_service(fields));
  } else if (word == "finding") {
    archive.findings.push_back(take_finding(fields));
  } else {
    return false;
  }
  return fields.end();
}

}  // namespace

std::string write_spool_cursor(const SpoolCursor& cursor) {
  std::string text(kHead);
  for (const auto& [name, archive] : cursor) {
    text += fmt::format("archive {}\n", name);
    if (archive.last) {
      text += fmt::format("last {}\n", stamp_field(*archive.last));
    }
    text += fmt::format("epoch {}\npeers {}\nrecord {}\n",
                        archive.epoch.value(),
                        archive.peers_from.value(),
                        archive.record);
    if (archive.judged) {
      text += fmt::format("judged {}\n", stamp_field(*archive.judged));
    }
    text += programs_line(archive.programs);
    for (const OpenService& service : archive.services) {
      text += service_line(service);
    }
    for (const OpenFinding& finding : archive.findings) {
      text += finding_line(finding);
    }
  }
  return text;
}

std::optional<SpoolCursor> parse_spool_cursor(std::string_view text) {
  if (!schema::scan_literal(text, kHead)) {
    return std::nullopt;
  }
  SpoolCursor cursor;
  ArchiveCursor* archive = nullptr;
  while (!text.empty()) {
    std::string_view line = schema::scan_until(text, '\n');
    const std::string_view word = schema::scan_until(line, ' ');
    if (word == "archive") {
      archive = &cursor[std::string(line)];
    } else if (archive == nullptr || !take_line(word, line, *archive)) {
      return std::nullopt;
    }
  }
  return cursor;
}

}  // namespace sockwitness::query
