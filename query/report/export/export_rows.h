// Rows of the database as objects, with all their fields: what schema/EXPORT.md documents.
//
// In:    rows as the codec decodes them.
// Out:   objects without "type" and "seq": those are the lines'.
// Never: resolves a reference or rounds a number.
#pragma once

#include "query/report/neutral/value.h"
#include "schema/disk/delta.h"

namespace sockwitness::query {

[[nodiscard]] Value::Object row_members(const schema::NetnsRow& row);
[[nodiscard]] Value::Object row_members(const schema::ProcessRow& row);
[[nodiscard]] Value::Object row_members(const schema::SocketRow& row);
[[nodiscard]] Value::Object row_members(const schema::HolderRow& row);
[[nodiscard]] Value::Object row_members(const schema::DescriptorRow& row);
[[nodiscard]] Value::Object row_members(const schema::MappingRow& row);
[[nodiscard]] Value::Object row_members(const schema::GapRow& row);
[[nodiscard]] Value::Object row_members(const schema::UserNameRow& row);
[[nodiscard]] Value::Object row_members(const schema::GroupNameRow& row);
[[nodiscard]] Value::Object row_members(const schema::RegistrationRow& row);
[[nodiscard]] Value::Object program_members(schema::RowId id, const schema::Program& program);
[[nodiscard]] Value::Object context_members(const schema::Context& context);

}  // namespace sockwitness::query
