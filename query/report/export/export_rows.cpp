#include "query/report/export/export_rows.h"

#include "schema/base/escape.h"

namespace sockwitness::query {
namespace {

// Opaque ids and their optionals as numbers.
template <class Tag, class Rep>
Value number(const schema::Strong<Tag, Rep>& id) {
  return id.value();
}

template <class Id>
Value number(const std::optional<Id>& id) {
  return id ? number(*id) : Value();
}

Value hex_or_null(std::string_view bytes) {
  return bytes.empty() ? Value() : Value(schema::hex(bytes));
}

Value::Object head_of(const schema::VersionHead& head) {
  return {{"id", head.id}, {"origin", head.origin}};
}

template <class... Members>
void append(Value::Object& object, Members... members) {
  (object.push_back(std::move(members)), ...);
}

}  // namespace

Value::Object row_members(const schema::NetnsRow& row) {
  Value::Object object = head_of(row);
  append(object, Member{"inode", number(row.netns.inode)}, Member{"label", row.netns.label});
  return object;
}

Value::Object row_members(const schema::ProcessRow& row) {
  const schema::Process& process = row.process;
  Value::Object object = head_of(row);
  append(object,
         Member{"pid", number(process.pid)},
         Member{"start_ns", process.start.nanoseconds},
         Member{"parent", number(process.parent)},
         Member{"name", process.name},
         Member{"program", row.program},
         Member{"script", process.script},
         Member{"script_file", row.script_file},
         Member{"command_line", process.command_line});
  if (process.long_line) {
    append(object,
           Member{"command_line_length", process.long_line->length},
           Member{"command_line_sha256", schema::hex(process.long_line->sha256)},
           Member{"command_line_head", process.long_line->head});
  }
  append(object,
         Member{"exec_mark", process.exec_mark},
         Member{"title", process.title},
         Member{"working_directory", process.working_directory},
         Member{"real_uid", number(process.real_uid)},
         Member{"effective_uid", number(process.effective_uid)},
         Member{"real_gid", number(process.real_gid)},
         Member{"effective_gid", number(process.effective_gid)},
         Member{"login_uid", number(process.login_uid)},
         Member{"tty", process.tty},
         Member{"process_group", number(process.process_group)},
         Member{"session", number(process.session)},
         Member{"cgroup", process.cgroup},
         Member{"unit", process.unit},
         Member{"container", process.container},
         Member{"capabilities", process.capabilities},
         Member{"tracer", number(process.tracer)},
         Member{"preload", process.preload},
         Member{"kernel_thread", process.kernel_thread},
         Member{"zombie", process.zombie},
         Member{"recorder", process.recorder},
         Member{"covered", process.covered},
         Member{"unlisted", process.unlisted},
         Member{"masked", process.masked},
         Member{"unread", process.unread.bits()},
         Member{"netns", row.netns},
         Member{"mount_namespace", number(process.mount_namespace)},
         Member{"pid_namespace", number(process.pid_namespace)},
         Member{"user_namespace", number(process.user_namespace)});
  if (process.container_facts) {
    const schema::ContainerFacts& facts = *process.container_facts;
    append(object,
           Member{"container_engine", schema::container_engine_word(facts.engine)},
           Member{"container_name", facts.name},
           Member{"container_image", facts.image},
           Member{"compose_project", facts.project},
           Member{"compose_service", facts.service},
           Member{"pod", facts.pod},
           Member{"pod_namespace", facts.pod_namespace},
           Member{"pod_container", facts.pod_container});
  }
  return object;
}

Value::Object row_members(const schema::SocketRow& row) {
  const schema::Socket& socket = row.socket;
  const bool inet = schema::is_inet(socket);
  Value::Object object = head_of(row);
  append(object,
         Member{"netns", row.netns},
         Member{"protocol", schema::protocol_name(socket.protocol)},
         Member{"family", schema::family_name(socket.family)},
         Member{"socket_type", static_cast<unsigned>(socket.type)},
         Member{"state", schema::state_name(socket.state)},
         Member{"local_address", inet ? Value(socket.local_address.text()) : Value()},
         Member{"local_port", number(socket.local_port)},
         Member{"remote_address", inet ? Value(socket.remote_address.text()) : Value()},
         Member{"remote_port", number(socket.remote_port)},
         Member{"cookie", number(socket.cookie)},
         Member{"inode", number(socket.inode)},
         Member{"uid", number(socket.uid)},
         Member{"backlog", socket.backlog},
         Member{"no_holder", text_or_null(schema::no_holder_word(socket.no_holder))},
         Member{"name", socket.name},
         Member{"remote_name", socket.remote_name},
         Member{"peer", number(socket.peer)},
         Member{"number", socket.number},
         Member{"port_id", socket.port_id},
         Member{"interface", number(socket.interface)},
         Member{"interface_name", socket.interface_name},
         Member{"v6only", socket.v6only},
         Member{"filter_length", socket.filter_length},
         Member{"filter_sha256", hex_or_null(socket.filter_sha256)},
         Member{"promiscuous", socket.promiscuous});
  if (schema::is_forward(socket)) {
    append(object,
           Member{"local_last_port", number(socket.local_last)},
           Member{"remote_last_port", number(socket.remote_last)},
           Member{"rule", socket.rule},
           Member{"target", socket.target});
  }
  return object;
}

Value::Object row_members(const schema::HolderRow& row) {
  return {{"id", row.id}, {"socket", row.socket}, {"process", row.process}, {"fd", number(row.fd)}};
}

Value::Object row_members(const schema::DescriptorRow& row) {
  const schema::Descriptor& descriptor = row.descriptor;
  return {{"id", row.id},
          {"process", row.process},
          {"fd", number(descriptor.fd)},
          {"kind", schema::descriptor_kind_word(descriptor.kind)},
          {"device", number(descriptor.device)},
          {"inode", number(descriptor.inode)},
          {"number", descriptor.number},
          {"target", descriptor.target}};
}

Value::Object row_members(const schema::MappingRow& row) {
  return {{"id", row.id}, {"process", row.process}, {"program", row.program}};
}

Value::Object row_members(const schema::GapRow& row) {
  const schema::Gap& gap = row.gap;
  return {{"id", row.id},
          {"source", schema::gap_source_word(gap.source)},
          {"reason", schema::gap_reason_word(gap.reason)},
          {"netns", row.netns},
          {"pid", number(gap.pid)},
          {"object", gap.object.text()},
          {"error_number", gap.error_number},
          {"count", gap.count}};
}

Value::Object row_members(const schema::UserNameRow& row) {
  return {{"id", row.id}, {"uid", number(row.user.uid)}, {"name", row.user.name}};
}

Value::Object row_members(const schema::GroupNameRow& row) {
  return {{"id", row.id}, {"gid", number(row.group.gid)}, {"name", row.group.name}};
}

Value::Object row_members(const schema::RegistrationRow& row) {
  const schema::RpcRegistration& registration = row.registration;
  return {{"id", row.id},
          {"program", registration.program},
          {"version", registration.version},
          {"transport", registration.transport},
          {"address", registration.address},
          {"owner", registration.owner}};
}

Value::Object program_members(schema::RowId id, const schema::Program& program) {
  return {{"id", id},
          {"path", program.path},
          {"device", number(program.device)},
          {"inode", number(program.inode)},
          {"size", program.size},
          {"mtime_ns", program.mtime_ns},
          {"ctime_ns", program.ctime_ns},
          {"state", schema::file_state_word(program.state)},
          {"sha256", hex_or_null(program.sha256)},
          {"verdict", schema::verdict_word(program.verdict)},
          {"package", program.package},
          {"package_version", program.package_version}};
}

Value::Object context_members(const schema::Context& context) {
  return {{"boot_id", context.boot_id},
          {"host_name", context.host_name},
          {"machine_id", context.machine_id},
          {"kernel", context.kernel},
          {"recorder_version", context.recorder_version},
          {"ephemeral_first", number(context.ephemeral_first)},
          {"ephemeral_last", number(context.ephemeral_last)},
          {"recorder_uid", number(context.recorder_uid)},
          {"recorder_capabilities", context.recorder_capabilities},
          {"package_database_mtime_ns", context.package_database_mtime_ns},
          {"every_us", context.every_us},
          {"unprivileged_first", number(context.unprivileged_first)},
          {"preload_file", context.preload_file}};
}

}  // namespace sockwitness::query
