#include "schema/disk/codec.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include "schema/disk/row.h"

namespace sockwitness::schema {
namespace {

void decode_head(RowReader& row, RowHead& head) {
  head.id = row.integer();
}

void bind_head(RowBinder& binder, const RowHead& head) {
  binder.integer(head.id);
}

}  // namespace

NetnsRow decode_netns(SQLite::Statement& statement, Texts& texts) {
  RowReader row(statement);
  NetnsRow netns;
  decode_head(row, netns);
  netns.origin = row.maybe_integer();
  netns.netns.inode = Inode(row.bits());
  netns.netns.label = texts.get(row.integer());
  return netns;
}

void insert_netns(SQLite::Statement& insert, const NetnsRow& row, Texts& texts) {
  RowBinder binder(insert);
  bind_head(binder, row);
  binder.maybe_integer(row.origin)
      .bits(row.netns.inode.value())
      .integer(texts.intern(row.netns.label))
      .run();
}

HolderRow decode_holder(SQLite::Statement& statement) {
  RowReader row(statement);
  HolderRow holder;
  decode_head(row, holder);
  holder.socket = row.integer();
  holder.process = row.integer();
  holder.fd = Fd(row.number<std::int32_t>());
  return holder;
}

void insert_holder(SQLite::Statement& insert, const HolderRow& row) {
  RowBinder binder(insert);
  bind_head(binder, row);
  binder.integer(row.socket).integer(row.process).integer(row.fd.value()).run();
}

DescriptorRow decode_descriptor(SQLite::Statement& statement, Texts& texts) {
  RowReader row(statement);
  DescriptorRow descriptor;
  decode_head(row, descriptor);
  descriptor.process = row.integer();
  descriptor.descriptor.fd = Fd(row.number<std::int32_t>());
  descriptor.descriptor.kind = row.enumeration(DescriptorKind::Anonymous);
  descriptor.descriptor.device = Device(row.bits());
  descriptor.descriptor.inode = Inode(row.bits());
  descriptor.descriptor.number = row.number<std::uint32_t>();
  descriptor.descriptor.target = texts.get_or_empty(row.maybe_integer());
  return descriptor;
}

void insert_descriptor(SQLite::Statement& insert, const DescriptorRow& row, Texts& texts) {
  const Descriptor& descriptor = row.descriptor;
  RowBinder binder(insert);
  bind_head(binder, row);
  binder.integer(row.process)
      .integer(descriptor.fd.value())
      .enumeration(descriptor.kind)
      .bits(descriptor.device.value())
      .bits(descriptor.inode.value())
      .integer(descriptor.number)
      .maybe_integer(texts.intern_unless_empty(descriptor.target))
      .run();
}

MappingRow decode_mapping(SQLite::Statement& statement) {
  RowReader row(statement);
  MappingRow mapping;
  decode_head(row, mapping);
  mapping.process = row.integer();
  mapping.program = row.integer();
  return mapping;
}

void insert_mapping(SQLite::Statement& insert, const MappingRow& row) {
  RowBinder binder(insert);
  bind_head(binder, row);
  binder.integer(row.process).integer(row.program).run();
}

GapRow decode_gap(SQLite::Statement& statement, Texts& texts) {
  RowReader row(statement);
  GapRow gap;
  decode_head(row, gap);
  gap.gap.source = row.enumeration(GapSource::NatRules);
  gap.gap.reason = row.enumeration(GapReason::TooMany);
  gap.netns = row.maybe_integer();
  if (const auto pid = row.maybe_number<std::int32_t>()) {
    gap.gap.pid = Pid(*pid);
  }
  gap.gap.object = GapObject::of_text(texts.get(row.integer()));
  gap.gap.error_number = row.number<int>();
  gap.gap.count = row.number<std::uint32_t>();
  return gap;
}

void insert_gap(SQLite::Statement& insert, const GapRow& row, Texts& texts) {
  RowBinder binder(insert);
  bind_head(binder, row);
  binder.enumeration(row.gap.source).enumeration(row.gap.reason).maybe_integer(row.netns);
  binder
      .maybe_integer(row.gap.pid ? std::optional<std::int64_t>(row.gap.pid->value()) : std::nullopt)
      .integer(texts.intern(row.gap.object.text()))
      .integer(row.gap.error_number)
      .integer(row.gap.count)
      .run();
}

UserNameRow decode_user_name(SQLite::Statement& statement, Texts& texts) {
  RowReader row(statement);
  UserNameRow user;
  decode_head(row, user);
  user.user.uid = Uid(row.number<std::uint32_t>());
  user.user.name = texts.get(row.integer());
  return user;
}

void insert_user_name(SQLite::Statement& insert, const UserNameRow& row, Texts& texts) {
  RowBinder binder(insert);
  bind_head(binder, row);
  binder.integer(row.user.uid.value()).integer(texts.intern(row.user.name)).run();
}

GroupNameRow decode_group_name(SQLite::Statement& statement, Texts& texts) {
  RowReader row(statement);
  GroupNameRow group;
  decode_head(row, group);
  group.group.gid = Gid(row.number<std::uint32_t>());
  group.group.name = texts.get(row.integer());
  return group;
}

void insert_group_name(SQLite::Statement& insert, const GroupNameRow& row, Texts& texts) {
  RowBinder binder(insert);
  bind_head(binder, row);
  binder.integer(row.group.gid.value()).integer(texts.intern(row.group.name)).run();
}

RegistrationRow decode_registration(SQLite::Statement& statement, Texts& texts) {
  RowReader row(statement);
  RegistrationRow registration;
  decode_head(row, registration);
  registration.registration.program = row.number<std::uint32_t>();
  registration.registration.version = row.number<std::uint32_t>();
  registration.registration.transport = texts.get(row.integer());
  registration.registration.address = texts.get(row.integer());
  registration.registration.owner = texts.get(row.integer());
  return registration;
}

void insert_registration(SQLite::Statement& insert, const RegistrationRow& row, Texts& texts) {
  RowBinder binder(insert);
  bind_head(binder, row);
  binder.integer(row.registration.program)
      .integer(row.registration.version)
      .integer(texts.intern(row.registration.transport))
      .integer(texts.intern(row.registration.address))
      .integer(texts.intern(row.registration.owner))
      .run();
}

Context decode_context(SQLite::Statement& statement) {
  RowReader row(statement);
  Context context;
  context.boot_id = row.bytes();
  context.host_name = row.bytes();
  context.machine_id = row.bytes();
  context.kernel = row.bytes();
  context.recorder_version = row.bytes();
  context.ephemeral_first = Port(row.number<std::uint16_t>());
  context.ephemeral_last = Port(row.number<std::uint16_t>());
  context.recorder_uid = Uid(row.number<std::uint32_t>());
  context.recorder_capabilities = row.bits();
  context.package_database_mtime_ns = row.integer();
  context.every_us = row.maybe_integer();
  context.unprivileged_first = Port(row.number<std::uint16_t>());
  context.preload_file = row.bytes();
  return context;
}

void insert_context(SQLite::Statement& insert, const Context& context) {
  RowBinder(insert)
      .text(context.boot_id)
      .bytes(context.host_name)
      .text(context.machine_id)
      .bytes(context.kernel)
      .text(context.recorder_version)
      .integer(context.ephemeral_first.value())
      .integer(context.ephemeral_last.value())
      .integer(context.recorder_uid.value())
      .bits(context.recorder_capabilities)
      .integer(context.package_database_mtime_ns)
      .maybe_integer(context.every_us)
      .integer(context.unprivileged_first.value())
      .bytes(context.preload_file)
      .run();
}

}  // namespace sockwitness::schema
