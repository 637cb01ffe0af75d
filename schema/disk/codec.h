// Model values to rows and back: one codec for the recorder and for every reader.
//
// In:    a model value and the row ids of what it refers to; or a statement standing on a row.
// Out:   bound parameters; or the value with the row ids of what it refers to.
// Never: resolves an index of a Snapshot: those mean nothing on disk.
#pragma once

#include <optional>
#include <string_view>

#include "schema/disk/id_list.h"
#include "schema/disk/texts.h"
#include "schema/model/snapshot.h"

namespace SQLite {
class Statement;
}

namespace sockwitness::schema {

class RowBinder;

// What every row of a living thing begins with.
struct RowHead {
  RowId id = 0;
};

// And those of things with an identity, which may have several versions.
struct VersionHead : RowHead {
  std::optional<RowId> origin;  // nothing: this is the first version
};

struct NetnsRow : VersionHead {
  Netns netns;
};

struct ProcessRow : VersionHead {
  Process process;  // its indices are not set: the three below stand for them
  std::optional<RowId> program;
  std::optional<RowId> script_file;
  std::optional<RowId> netns;
  std::optional<RowId> container;  // set to be written; what is read has the facts themselves
};

struct SocketRow : VersionHead {
  Socket socket;  // netns and queues are not set
  RowId netns = 0;
};

struct HolderRow : RowHead {
  RowId socket = 0;
  RowId process = 0;
  Fd fd;
};

struct DescriptorRow : RowHead {
  Descriptor descriptor;  // process is not set
  RowId process = 0;
};

struct MappingRow : RowHead {
  RowId process = 0;
  RowId program = 0;
};

struct GapRow : RowHead {
  Gap gap;  // netns is not set
  std::optional<RowId> netns;
};

struct UserNameRow : RowHead {
  UserName user;
};

struct GroupNameRow : RowHead {
  GroupName group;
};

struct RegistrationRow : RowHead {
  RpcRegistration registration;
};

// Each pair reads what read_X.sql selects and writes what insert_X.sql takes.
[[nodiscard]] NetnsRow decode_netns(SQLite::Statement& row, Texts& texts);
void insert_netns(SQLite::Statement& insert, const NetnsRow& row, Texts& texts);

[[nodiscard]] ProcessRow decode_process(SQLite::Statement& row, Texts& texts);
void insert_process(SQLite::Statement& insert, const ProcessRow& row, Texts& texts);

[[nodiscard]] SocketRow decode_socket(SQLite::Statement& row, Texts& texts);
void insert_socket(SQLite::Statement& insert, const SocketRow& row, Texts& texts);
// Whether the socket has facts for a row of socket_detail.
[[nodiscard]] bool has_detail(const Socket& socket);
void insert_socket_detail(SQLite::Statement& insert, const SocketRow& row, Texts& texts);
// Of a port that leads elsewhere.
void insert_forward(SQLite::Statement& insert, const SocketRow& row, Texts& texts);

[[nodiscard]] HolderRow decode_holder(SQLite::Statement& row);
void insert_holder(SQLite::Statement& insert, const HolderRow& row);

[[nodiscard]] DescriptorRow decode_descriptor(SQLite::Statement& row, Texts& texts);
void insert_descriptor(SQLite::Statement& insert, const DescriptorRow& row, Texts& texts);

[[nodiscard]] MappingRow decode_mapping(SQLite::Statement& row);
void insert_mapping(SQLite::Statement& insert, const MappingRow& row);

[[nodiscard]] GapRow decode_gap(SQLite::Statement& row, Texts& texts);
void insert_gap(SQLite::Statement& insert, const GapRow& row, Texts& texts);

[[nodiscard]] UserNameRow decode_user_name(SQLite::Statement& row, Texts& texts);
void insert_user_name(SQLite::Statement& insert, const UserNameRow& row, Texts& texts);

[[nodiscard]] GroupNameRow decode_group_name(SQLite::Statement& row, Texts& texts);
void insert_group_name(SQLite::Statement& insert, const GroupNameRow& row, Texts& texts);

[[nodiscard]] RegistrationRow decode_registration(SQLite::Statement& row, Texts& texts);
void insert_registration(SQLite::Statement& insert, const RegistrationRow& row, Texts& texts);

// Dictionaries: no head, the id is SQLite's.
[[nodiscard]] Program decode_program(SQLite::Statement& row, Texts& texts);
void insert_program(SQLite::Statement& insert, const Program& program, Texts& texts);
[[nodiscard]] Context decode_context(SQLite::Statement& row);
void insert_context(SQLite::Statement& insert, const Context& context);

}  // namespace sockwitness::schema
