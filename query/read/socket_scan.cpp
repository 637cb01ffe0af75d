#include "query/read/socket_scan.h"

#include <sqlite3.h>

#include <unordered_map>

#include <SQLiteCpp/SQLiteCpp.h>

#include "query/read/sql.h"
#include "schema/base/error.h"
#include "schema/disk/database.h"
#include "schema/disk/texts.h"

namespace sockwitness::query {
namespace {

using schema::IpAddress;
using schema::RowId;

[[noreturn]] void throw_damage() {
  throw schema::Error(schema::ExitCode::Unusable,
                      "reading a socket of the database: a stored number is out of its range",
                      "the file is damaged or was altered");
}

// Columns of scan_sockets.sql.
enum Column { Id, Origin, Netns, Proto, State, Local, LocalPort, Remote, RemotePort, User };

IpAddress highest_of(const schema::IpPrefix& v4) {
  std::string bytes(v4.address.bytes());
  for (unsigned bit = v4.length; bit < 32; ++bit) {
    char& byte = bytes[bit / 8];
    byte = static_cast<char>(static_cast<unsigned char>(byte) | (0x80U >> (bit % 8)));
  }
  return *IpAddress::from_bytes(bytes);
}

IpAddress lowest_of(const schema::IpPrefix& v4) {
  std::string bytes(v4.address.bytes());
  for (unsigned bit = v4.length; bit < 32; ++bit) {
    char& byte = bytes[bit / 8];
    byte = static_cast<char>(static_cast<unsigned char>(byte) & ~(0x80U >> (bit % 8)));
  }
  return *IpAddress::from_bytes(bytes);
}

}  // namespace

// The C interface: SQLiteCpp counts references for every column of every row.
struct SocketScan::State {
  explicit State(schema::Database& opened) : database(opened), texts(opened) {
    const std::string query(sql::kScanSockets);
    if (sqlite3_prepare_v2(database.sqlite().getHandle(),
                           query.data(),
                           static_cast<int>(query.size()),
                           &statement,
                           nullptr) != SQLITE_OK) {
      throw SQLite::Exception(database.sqlite().getHandle());
    }
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { sqlite3_finalize(statement); }

  bool step() {
    const int result = sqlite3_step(statement);
    if (result != SQLITE_ROW && result != SQLITE_DONE) {
      throw SQLite::Exception(database.sqlite().getHandle(), result);
    }
    return result == SQLITE_ROW;
  }

  [[nodiscard]] std::int64_t number(Column column, std::int64_t highest) const {
    const std::int64_t value = sqlite3_column_int64(statement, column);
    if (value < 0 || value > highest) {
      throw_damage();
    }
    return value;
  }

  [[nodiscard]] std::string_view bytes(Column column) const {
    const void* data = sqlite3_column_blob(statement, column);
    return {static_cast<const char*>(data),
            static_cast<std::size_t>(sqlite3_column_bytes(statement, column))};
  }

  const IpAddress& local_address(RowId text) {
    const auto known = local_addresses.find(text);
    if (known != local_addresses.end()) {
      return known->second;
    }
    const auto address = IpAddress::from_bytes(texts.get(text));
    if (!address) {
      throw_damage();
    }
    return local_addresses.emplace(text, *address).first->second;
  }

  void decode(ScannedSocket& row) {
    row.id = sqlite3_column_int64(statement, Id);
    row.origin = sqlite3_column_type(statement, Origin) == SQLITE_NULL
                     ? row.id
                     : sqlite3_column_int64(statement, Origin);
    row.netns = sqlite3_column_int64(statement, Netns);
    schema::Socket& socket = row.socket;
    socket.protocol =
        static_cast<schema::Protocol>(number(Proto, static_cast<int>(schema::Protocol::Other)));
    socket.state = static_cast<schema::SocketState>(
        number(Column::State, static_cast<int>(schema::SocketState::Forward)));
    socket.family = schema::Family::Other;
    if (sqlite3_column_type(statement, Local) != SQLITE_NULL) {
      socket.local_address = local_address(sqlite3_column_int64(statement, Local));
      socket.family = socket.local_address.is_v6() ? schema::Family::Ipv6 : schema::Family::Ipv4;
      const auto remote = IpAddress::from_bytes(bytes(Remote));
      socket.remote_address = remote                         ? *remote
                              : socket.local_address.is_v6() ? IpAddress::any_v6()
                                                             : IpAddress();
    } else if (socket.protocol == schema::Protocol::Unix) {
      socket.family = schema::Family::Unix;
    }
    constexpr std::int64_t kHighestPort = 65'535;
    socket.local_port = schema::Port(static_cast<std::uint16_t>(number(LocalPort, kHighestPort)));
    socket.remote_port = schema::Port(static_cast<std::uint16_t>(number(RemotePort, kHighestPort)));
    socket.uid.reset();
    if (sqlite3_column_type(statement, User) != SQLITE_NULL) {
      socket.uid = schema::Uid(static_cast<std::uint32_t>(number(User, UINT32_MAX)));
    }
  }

  schema::Database& database;
  schema::Texts texts;
  sqlite3_stmt* statement = nullptr;
  std::unordered_map<RowId, IpAddress> local_addresses;
};

SocketScan::SocketScan(schema::Database& database) : state_(std::make_unique<State>(database)) {
}
SocketScan::~SocketScan() = default;

void SocketScan::limit_ports(schema::PortRange ports) {
  sqlite3_bind_int(state_->statement, 3, ports.first.value());
  sqlite3_bind_int(state_->statement, 4, ports.last.value());
}

void SocketScan::limit_remote(const schema::IpPrefix& v4) {
  const auto bind = [this](int parameter, const IpAddress& address) {
    const std::string_view bytes = address.bytes();
    sqlite3_bind_blob(state_->statement,
                      parameter,
                      bytes.data(),
                      static_cast<int>(bytes.size()),
                      SQLITE_TRANSIENT);
  };
  bind(5, lowest_of(v4));
  bind(6, highest_of(v4));
}

void SocketScan::visit(RowRange rows, const Visit& visit) {
  sqlite3_reset(state_->statement);
  sqlite3_bind_int64(state_->statement, 1, rows.first);
  sqlite3_bind_int64(state_->statement, 2, rows.last);
  ScannedSocket row;
  while (state_->step()) {
    state_->decode(row);
    visit(row);
  }
}

void SocketScan::visit(const std::vector<RowId>& rows, const Visit& visit) {
  constexpr RowId kBridge = 8;  // rows stepped over rather than searched past
  for (std::size_t begin = 0; begin < rows.size();) {
    std::size_t end = begin + 1;
    while (end < rows.size() && rows[end] - rows[end - 1] <= kBridge) {
      ++end;
    }
    std::size_t next = begin;
    this->visit(RowRange{rows[begin], rows[end - 1]}, [&](const ScannedSocket& row) {
      while (next < end && rows[next] < row.id) {
        ++next;
      }
      if (next < end && rows[next] == row.id) {
        visit(row);
      }
    });
    begin = end;
  }
}

}  // namespace sockwitness::query
