// The part of EntityWriter for things without an identity beyond their content.

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>

#include "recorder/write/entity_writer.h"
#include "recorder/write/keys.h"
#include "schema/disk/lent_statement.h"
#include "schema/disk/row.h"
#include "schema/disk/sql.h"

namespace sockwitness::recorder {

using schema::Entity;

namespace {

// A descriptor with its process by row instead of by position.
struct DescriptorKey {
  schema::RowId process;
  const schema::Descriptor& descriptor;

  friend bool operator<(const DescriptorKey& left, const DescriptorKey& right) {
    // Every field is named, so that a new one does not compile before it is compared.
    const auto& [process_l, fd_l, kind_l, device_l, inode_l, number_l, target_l] = left.descriptor;
    const auto& [process_r, fd_r, kind_r, device_r, inode_r, number_r, target_r] = right.descriptor;
    return std::tie(left.process, fd_l, kind_l, device_l, inode_l, number_l, target_l) <
           std::tie(right.process, fd_r, kind_r, device_r, inode_r, number_r, target_r);
  }
};

// A name with all names of its user: where one came, went or changed its place, all are written
// anew, so that their rows are in the order of the host's file.
struct UserKey {
  std::string all;  // each ends in NUL
  const schema::UserName& user;

  friend bool operator<(const UserKey& left, const UserKey& right) {
    const auto& [uid_l, name_l] = left.user;
    const auto& [uid_r, name_r] = right.user;
    return std::tie(uid_l, left.all, name_l) < std::tie(uid_r, right.all, name_r);
  }
};

std::vector<UserKey> keys_of_users(const std::vector<schema::UserName>& users) {
  std::map<schema::Uid, std::string> names;
  for (const schema::UserName& user : users) {
    names[user.uid].append(user.name).push_back('\0');
  }
  return make_keys(users, [&](const schema::UserName& user) {
    return UserKey{names.at(user.uid), user};
  });
}

}  // namespace

void EntityWriter::write_holders() {
  using Key = std::tuple<RowId, RowId, schema::Fd>;
  const auto now = make_keys(observed_.holders, [this](const schema::Holder& holder) {
    return Key{rows_.sockets[holder.socket.value()].first,
               rows_.processes[holder.process.value()].first,
               holder.fd};
  });
  const auto before = make_keys(previous_.snapshot.holders, [this](const schema::Holder& holder) {
    return Key{previous_.sockets[holder.socket.value()].first,
               previous_.processes[holder.process.value()].first,
               holder.fd};
  });
  auto insert = database_.lend(schema::sql::kInsertHolder);
  rows_.holders = write_set(
      ledger_, Entity::Holder, now, before, previous_.holders, [&](std::size_t at, RowId row) {
        const auto& [socket, process, fd] = now[at];
        schema::insert_holder(*insert, {{row}, socket, process, fd});
      });
}

void EntityWriter::write_descriptors() {
  const auto now = make_keys(observed_.descriptors, [&](const schema::Descriptor& descriptor) {
    return DescriptorKey{rows_.processes[descriptor.process.value()].first, descriptor};
  });
  const auto before =
      make_keys(previous_.snapshot.descriptors, [&](const schema::Descriptor& descriptor) {
        return DescriptorKey{previous_.processes[descriptor.process.value()].first, descriptor};
      });
  auto insert = database_.lend(schema::sql::kInsertDescriptor);
  rows_.descriptors = write_set(
      ledger_,
      Entity::Descriptor,
      now,
      before,
      previous_.descriptors,
      [&](std::size_t at, RowId row) {
        schema::insert_descriptor(*insert, {{row}, now[at].descriptor, now[at].process}, texts_);
      });
}

void EntityWriter::write_mappings() {
  using Key = std::pair<RowId, RowId>;
  const auto now = make_keys(observed_.mappings, [this](const schema::Mapping& mapping) {
    return Key{rows_.processes[mapping.process.value()].first,
               rows_.programs[mapping.file.value()]};
  });
  const auto before =
      make_keys(previous_.snapshot.mappings, [this](const schema::Mapping& mapping) {
        return Key{previous_.processes[mapping.process.value()].first,
                   previous_.programs[mapping.file.value()]};
      });
  auto insert = database_.lend(schema::sql::kInsertMapping);
  rows_.mappings = write_set(
      ledger_, Entity::Mapping, now, before, previous_.mappings, [&](std::size_t at, RowId row) {
        schema::insert_mapping(*insert, {{row}, now[at].first, now[at].second});
      });
}

void EntityWriter::write_gaps() {
  using Key = std::pair<std::optional<RowId>, schema::Gap>;
  const auto key = [](schema::Gap gap, const std::vector<schema::Origin>& namespaces) {
    const auto netns =
        gap.netns ? std::optional<RowId>(namespaces[gap.netns->value()].first) : std::nullopt;
    gap.netns.reset();
    return Key{netns, std::move(gap)};
  };
  const auto now =
      make_keys(observed_.gaps, [&](const schema::Gap& gap) { return key(gap, rows_.namespaces); });
  const auto before = make_keys(previous_.snapshot.gaps, [&](const schema::Gap& gap) {
    return key(gap, previous_.namespaces);
  });
  auto insert = database_.lend(schema::sql::kInsertGap);
  rows_.gaps =
      write_set(ledger_, Entity::Gap, now, before, previous_.gaps, [&](std::size_t at, RowId row) {
        schema::insert_gap(*insert, {{row}, now[at].second, now[at].first}, texts_);
      });
}

void EntityWriter::write_names() {
  const schema::Snapshot& now = observed_;
  const schema::Snapshot& before = previous_.snapshot;
  auto user = database_.lend(schema::sql::kInsertUserName);
  rows_.users = write_set(ledger_,
                          Entity::UserName,
                          keys_of_users(now.users),
                          keys_of_users(before.users),
                          previous_.users,
                          [&](std::size_t at, RowId row) {
                            schema::insert_user_name(*user, {{row}, now.users[at]}, texts_);
                          });
  auto group = database_.lend(schema::sql::kInsertGroupName);
  rows_.groups = write_set(ledger_,
                           Entity::GroupName,
                           now.groups,
                           before.groups,
                           previous_.groups,
                           [&](std::size_t at, RowId row) {
                             schema::insert_group_name(*group, {{row}, now.groups[at]}, texts_);
                           });
  auto registration = database_.lend(schema::sql::kInsertRegistration);
  rows_.registrations = write_set(
      ledger_,
      Entity::Registration,
      now.registrations,
      before.registrations,
      previous_.registrations,
      [&](std::size_t at, RowId row) {
        schema::insert_registration(*registration, {{row}, now.registrations[at]}, texts_);
      });
}

void EntityWriter::write_samples() {
  auto insert = database_.lend(schema::sql::kInsertSample);
  for (std::size_t at = 0; at < observed_.sockets.size(); ++at) {
    const schema::Queues& queues = observed_.sockets[at].queues;
    if (queues != schema::Queues{}) {
      schema::RowBinder(*insert)
          .integer(ledger_.seq().value())
          .integer(rows_.sockets[at].row)
          .integer(queues.recv_q)
          .integer(queues.send_q)
          .run();
    }
  }
}

}  // namespace sockwitness::recorder
