#include "recorder/rpc/rpcbind.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <thread>

#include <catch2/catch.hpp>

#include "recorder/os/unique_fd.h"
#include "recorder/rpc/rpcbind_codec.h"
#include "tests/support/scratch_dir.h"

using namespace sockwitness;
using recorder::RecordReader;

namespace {

constexpr std::uint32_t kTransaction = 9;

std::string word(std::uint32_t value) {
  return {static_cast<char>(value >> 24U),
          static_cast<char>(value >> 16U),
          static_cast<char>(value >> 8U),
          static_cast<char>(value)};
}
std::string text(std::string value) {
  const auto size = static_cast<std::uint32_t>(value.size());
  value.resize((value.size() + 3) / 4 * 4);
  return word(size) + value;
}
std::string accepted(std::uint32_t transaction = kTransaction) {
  return word(transaction) + word(1) + word(0) + word(0) + word(0) + word(0);
}
std::string entry() {
  return word(1) + word(100000) + word(4) + text("tcp6") + text("::.0.111") + text("superuser");
}

// A listener at a path that is gone after the test; it accepts in the kernel and never answers.
class SilentServer {
 public:
  SilentServer()
      : path_(folder_.file("socket")), socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path_.c_str(), sizeof(address.sun_path) - 1);
    REQUIRE(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
    REQUIRE(::listen(socket_.get(), 1) == 0);
  }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] int descriptor() const { return socket_.get(); }
  void stop() { socket_.reset(); }

 private:
  test::ScratchDir folder_;
  std::string path_;
  recorder::UniqueFd socket_;
};

}  // namespace

TEST_CASE("the call is one record for RPCBPROC_DUMP") {
  CHECK(recorder::build_dump_call(kTransaction) == word(0x80000028) + word(kTransaction) + word(0) +
                                                       word(2) + word(100000) + word(4) + word(4) +
                                                       word(0) + word(0) + word(0) + word(0));
}

TEST_CASE("an answer with entries, and one without") {
  const auto none = recorder::decode_dump_reply(accepted() + word(0), kTransaction);
  REQUIRE(none);
  CHECK(none->empty());
  const auto two =
      recorder::decode_dump_reply(accepted() + entry() + entry() + word(0), kTransaction);
  REQUIRE(two);
  REQUIRE(two->size() == 2);
  CHECK(two->front() == schema::RpcRegistration{100000, 4, "tcp6", "::.0.111", "superuser"});
}

TEST_CASE("answers that are refused") {
  const auto good = accepted() + entry() + word(0);
  for (std::size_t size = 0; size < good.size(); ++size) {
    CHECK_FALSE(recorder::decode_dump_reply(good.substr(0, size), kTransaction));
  }
  const std::string rows[] = {
      accepted(8) + word(0),                                                           // not ours
      good + word(0),                                                                  // too much
      accepted() + word(2),                                                            // no boolean
      word(kTransaction) + word(0) + word(0) + word(0) + word(0) + word(0) + word(0),  // a call
      word(kTransaction) + word(1) + word(1) + word(0) + word(2) + word(2),            // denied
      word(kTransaction) + word(1) + word(0) + word(0) + word(0) + word(2) + word(0),  // mismatch
      accepted() + word(1) + word(1) + word(1) + word(0xffffffff),  // a huge string
      accepted() + word(1) + word(1) + word(1) + word(1) + "abcd",  // padding
  };
  for (std::size_t at = 0; at < std::size(rows); ++at) {
    INFO("row " << at);
    CHECK_FALSE(recorder::decode_dump_reply(rows[at], kTransaction));
  }
}

TEST_CASE("fragments become one record, however they arrive") {
  const auto stream = word(3) + "abc" + word(0) + word(0x80000002) + "de";
  RecordReader reader;
  for (std::size_t at = 0; at + 1 < stream.size(); ++at) {
    CHECK(reader.add(stream.substr(at, 1)) == RecordReader::State::Incomplete);
  }
  CHECK(reader.add(stream.substr(stream.size() - 1)) == RecordReader::State::Complete);
  CHECK(reader.record() == "abcde");
  RecordReader hostile;
  CHECK(hostile.add(word(0x7fffffff)) == RecordReader::State::TooLong);
}

TEST_CASE("nobody there is an empty list") {
  SilentServer server;
  const auto absent = recorder::read_registrations("/nowhere/rpcbind.sock");
  REQUIRE(absent.ok());
  CHECK(absent.value().empty());
  server.stop();
  const auto refused = recorder::read_registrations(server.path().c_str());
  REQUIRE(refused.ok());
  CHECK(refused.value().empty());
}

TEST_CASE("silence is an error") {
  const SilentServer server;
  const auto silent = recorder::read_registrations(server.path().c_str());
  REQUIRE_FALSE(silent.ok());
  CHECK(silent.error().number == ETIMEDOUT);
}

TEST_CASE("an answer is read, and a broken one is an error") {
  for (const bool whole : {true, false}) {
    const SilentServer server;
    std::thread answering([&] {
      const recorder::UniqueFd peer(::accept4(server.descriptor(), nullptr, nullptr, SOCK_CLOEXEC));
      std::string call(44, '\0');
      if (::recv(peer.get(), call.data(), call.size(), MSG_WAITALL) != 44) {
        return;
      }
      const auto body = call.substr(4, 4) + accepted().substr(4) + entry() + word(0);
      const auto mark = word(0x80000000U | static_cast<std::uint32_t>(body.size()));
      const auto reply = (mark + body).substr(0, whole ? std::string::npos : 20);
      static_cast<void>(::send(peer.get(), reply.data(), reply.size(), MSG_NOSIGNAL));
    });
    const auto read = recorder::read_registrations(server.path().c_str());
    answering.join();
    REQUIRE(read.ok() == whole);
    if (whole) {
      CHECK(read.value().size() == 1);
    } else {
      CHECK(read.error().number == EBADMSG);
    }
  }
}
