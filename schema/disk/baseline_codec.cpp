#include "schema/disk/baseline_codec.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include "schema/disk/address_codec.h"
#include "schema/disk/container_codec.h"
#include "schema/disk/line_codec.h"
#include "schema/disk/row.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::schema {
namespace {

// Bit of baseline_owner.manager; the others are those of Part.
constexpr std::int64_t kManager = 1;

std::string author_name(RowReader& row, Texts& texts) {
  const std::string user = texts.get(row.integer());
  const auto login = row.maybe_integer();
  return login ? texts.get(*login) : user;
}

std::optional<Acceptance> decode_acceptance(RowReader& row, Texts& texts) {
  const auto reason = row.maybe_integer();
  const auto until = row.maybe_integer();
  Acceptance accepted;
  accepted.at = WallTime{row.integer()};
  accepted.by = author_name(row, texts);
  if (!reason) {
    return std::nullopt;
  }
  accepted.reason = texts.get(*reason);
  if (until) {
    accepted.until = WallTime{*until};
  }
  return accepted;
}

}  // namespace

BaselineServiceRow decode_baseline_service(SQLite::Statement& statement, Texts& texts) {
  RowReader row(statement);
  BaselineServiceRow result;
  Service& service = result.service;
  Endpoint& endpoint = service.endpoint;
  result.id = row.integer();
  endpoint.netns = texts.get(row.integer());
  endpoint.protocol = row.enumeration(Protocol::Other);
  const std::string_view address = row.bytes();
  if (address.empty()) {
    endpoint.family = family_outside_inet(endpoint.protocol);
  } else {
    endpoint.address = plain_address(decode_address(address));
    endpoint.family = endpoint.address.is_v6() ? Family::Ipv6 : Family::Ipv4;
  }
  endpoint.port = Port(row.number<std::uint16_t>());
  endpoint.name = texts.get_or_empty(row.maybe_integer());
  if (const auto v6only = row.maybe_integer()) {
    service.v6only = *v6only != 0;
  }
  service.standing = row.enumeration(Standing::Unknown);
  service.no_holder = row.enumeration(NoHolderReason::Unread);
  Share share;
  share.first = Seq(row.integer());
  share.last = Seq(row.integer());
  share.snapshots = row.number<std::uint32_t>();
  service.share = share;
  const auto device = row.maybe_integer();
  service.device_unknown = !device;
  endpoint.device = device ? texts.get(*device) : std::string();
  service.leads_to = texts.get_or_empty(row.maybe_integer());
  service.accepted = decode_acceptance(row, texts);
  return result;
}

void insert_baseline_service(SQLite::Statement& insert,
                             const BaselineServiceRow& row,
                             Texts& texts) {
  const Service& service = row.service;
  const Endpoint& endpoint = service.endpoint;
  const bool internet = endpoint.family == Family::Ipv4 || endpoint.family == Family::Ipv6;
  const Share share = service.share.value_or(Share{});
  RowBinder binder(insert);
  binder.integer(row.record).integer(texts.intern(endpoint.netns)).enumeration(endpoint.protocol);
  internet ? binder.bytes(endpoint.address.bytes()) : binder.null();
  binder.integer(endpoint.port.value())
      .maybe_integer(texts.intern_unless_empty(endpoint.name))
      .maybe_integer(service.v6only ? std::optional<std::int64_t>(*service.v6only ? 1 : 0)
                                    : std::nullopt)
      .enumeration(service.standing)
      .enumeration(service.no_holder)
      .integer(share.first.value())
      .integer(share.last.value())
      .integer(share.snapshots)
      .maybe_integer(service.device_unknown ? std::nullopt
                                            : std::optional(texts.intern(endpoint.device)))
      .maybe_integer(texts.intern_unless_empty(service.leads_to))
      .run();
}

BaselineOwnerRow decode_baseline_owner(SQLite::Statement& statement, Texts& texts) {
  RowReader row(statement);
  BaselineOwnerRow result;
  result.service = row.integer();
  Owner& owner = result.owner;
  owner.name = texts.get(row.integer());
  result.program = row.maybe_integer();
  owner.script = texts.get_or_empty(row.maybe_integer());
  result.script_file = row.maybe_integer();
  decode_command_line(row.maybe_integer(), texts, owner.command_line, owner.long_line);
  owner.uid = Uid(row.number<std::uint32_t>());
  owner.user = texts.get(row.integer());
  owner.unit = texts.get_or_empty(row.maybe_integer());
  owner.container = texts.get_or_empty(row.maybe_integer());
  const std::int64_t flags = row.integer();
  owner.manager = (flags & kManager) != 0;
  owner.unread = Parts::of_bits(flags);
  if (owner.uid == kNoUid) {
    owner.unread.insert(Part::Ids);
  }
  owner.container_facts = decode_container(row, texts);
  return result;
}

void insert_baseline_owner(SQLite::Statement& insert, const BaselineOwnerRow& row, Texts& texts) {
  const Owner& owner = row.owner;
  RowBinder(insert)
      .integer(row.service)
      .integer(texts.intern(owner.name))
      .maybe_integer(row.program)
      .maybe_integer(texts.intern_unless_empty(owner.script))
      .maybe_integer(row.script_file)
      .maybe_integer(intern_command_line(owner.command_line, owner.long_line, texts))
      .integer(owner.uid.value())
      .integer(texts.intern(owner.user))
      .maybe_integer(texts.intern_unless_empty(owner.unit))
      .maybe_integer(texts.intern_unless_empty(owner.container))
      .integer((owner.manager ? kManager : 0) | owner.unread.bits())
      .maybe_integer(row.container)
      .run();
}

void insert_author(SQLite::Statement& insert, RowId record, const Author& author, Texts& texts) {
  RowBinder(insert)
      .integer(record)
      .integer(author.uid.value())
      .integer(texts.intern(author.user))
      .maybe_integer(author.login_user ? std::optional(texts.intern(*author.login_user))
                                       : std::nullopt)
      .run();
}

BaselineInfo decode_baseline(SQLite::Statement& statement, Texts& texts) {
  RowReader row(statement);
  BaselineInfo info;
  info.record = row.integer();
  info.name = texts.get(row.integer());
  info.host_name = row.bytes();
  info.first = Seq(row.integer());
  info.last = Seq(row.integer());
  info.snapshots = row.number<std::uint32_t>();
  info.began = WallTime{row.integer()};
  info.ended = WallTime{row.integer()};
  info.least_share_percent = row.number<std::uint32_t>();
  info.left_out = row.number<std::uint32_t>();
  info.note = texts.get_or_empty(row.maybe_integer());
  info.made_at = WallTime{row.integer()};
  info.author.uid = Uid(row.number<std::uint32_t>());
  info.author.user = texts.get(row.integer());
  if (const auto login = row.maybe_integer()) {
    info.author.login_user = texts.get(*login);
  }
  info.services = row.number<std::uint32_t>();
  info.accepted = row.number<std::uint32_t>();
  return info;
}

void insert_baseline(SQLite::Statement& insert, const BaselineInfo& info, Texts& texts) {
  RowBinder(insert)
      .integer(info.record)
      .integer(texts.intern(info.name))
      .bytes(info.host_name)
      .integer(info.first.value())
      .integer(info.last.value())
      .integer(info.snapshots)
      .integer(info.began.microseconds)
      .integer(info.ended.microseconds)
      .integer(info.least_share_percent)
      .integer(info.left_out)
      .maybe_integer(texts.intern_unless_empty(info.note))
      .run();
}

Gap decode_baseline_gap(SQLite::Statement& statement,
                        Texts& texts,
                        std::optional<std::string>& label) {
  RowReader row(statement);
  Gap gap;
  gap.source = row.enumeration(GapSource::NatRules);
  gap.reason = row.enumeration(GapReason::TooMany);
  const auto netns = row.maybe_integer();
  label = netns ? std::optional(texts.get(*netns)) : std::nullopt;
  if (const auto pid = row.maybe_number<std::int32_t>()) {
    gap.pid = Pid(*pid);
  }
  gap.object = GapObject::of_text(texts.get(row.integer()));
  gap.error_number = row.number<int>();
  gap.count = row.number<std::uint32_t>();
  return gap;
}

void insert_baseline_gap(SQLite::Statement& insert,
                         RowId record,
                         const Gap& gap,
                         const std::optional<std::string>& label,
                         Texts& texts) {
  RowBinder(insert)
      .integer(record)
      .enumeration(gap.source)
      .enumeration(gap.reason)
      .maybe_integer(label ? std::optional(texts.intern(*label)) : std::nullopt)
      .maybe_integer(gap.pid ? std::optional<std::int64_t>(gap.pid->value()) : std::nullopt)
      .integer(texts.intern(gap.object.text()))
      .integer(gap.error_number)
      .integer(gap.count)
      .run();
}

}  // namespace sockwitness::schema
