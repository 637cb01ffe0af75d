#include "schema/view/endpoint_pattern.h"

#include <catch2/catch.hpp>

#include "schema/base/error.h"
#include "tests/unit/query/scene.h"

namespace sockwitness {

using namespace std::string_literals;
using schema::EndpointPattern;
using schema::NamePattern;
using schema::parse_endpoint_pattern;
using schema::Port;
using schema::Protocol;
using schema::RpcPattern;
using schema::SocketState;

namespace {

std::vector<Port> lookup(std::string_view name) {
  if (name == "ssh") {
    return {Port(22)};
  }
  return name == "both" ? std::vector{Port(7), Port(9)} : std::vector<Port>{};
}

}  // namespace

TEST_CASE("an endpoint pattern means the ends that it names") {
  struct Row {
    const char* pattern;
    Protocol protocol;
    const char* end;
    bool matches;
  };
  const Row row =
      GENERATE(values<Row>({{"tcp/4444", Protocol::Tcp, "0.0.0.0 4444", true},
                            {"tcp/4444", Protocol::Tcp, ":: 4444", true},
                            {"tcp/4444", Protocol::Tcp, "0.0.0.0 4445", false},
                            {"tcp/4444", Protocol::Udp, "0.0.0.0 4444", false},
                            {"udp/53", Protocol::Udp, "127.0.0.1 53", true},
                            {"4444", Protocol::Tcp, "0.0.0.0 4444", true},
                            {"4444", Protocol::Udp, "0.0.0.0 4444", true},
                            {"4444", Protocol::Sctp, ":: 4444", true},
                            {"1", Protocol::Raw, "0.0.0.0 1", false},
                            {"raw/1", Protocol::Raw, "0.0.0.0 1", true},
                            {"tcp/8000-8099", Protocol::Tcp, "0.0.0.0 8000", true},
                            {"tcp/8000-8099", Protocol::Tcp, "0.0.0.0 8099", true},
                            {"tcp/8000-8099", Protocol::Tcp, "0.0.0.0 8100", false},
                            {"tcp/8000-8099", Protocol::Tcp, "0.0.0.0 7999", false},
                            {"tcp/127.0.0.1:6379", Protocol::Tcp, "127.0.0.1 6379", true},
                            {"tcp/127.0.0.1:6379", Protocol::Tcp, "0.0.0.0 6379", false},
                            {"127.0.0.1:6379", Protocol::Udp, "127.0.0.1 6379", true},
                            {"tcp/[::1]:80", Protocol::Tcp, "::1 80", true},
                            {"tcp/[::1]:80", Protocol::Tcp, "::1 81", false},
                            {"[::1]:80", Protocol::Tcp, "::1 80", true},
                            {"tcp/*:80", Protocol::Tcp, "10.0.0.1 80", true},
                            {"tcp/0.0.0.0:80", Protocol::Tcp, "10.0.0.1 80", false},
                            {":80", Protocol::Tcp, "10.0.0.1 80", true},
                            {"10.0.0.0/8:22", Protocol::Tcp, "10.1.2.3 22", true},
                            {"10.0.0.0/8", Protocol::Tcp, "10.1.2.3 23", true},
                            {"10.0.0.0/8", Protocol::Tcp, "11.1.2.3 23", false},
                            {"fe80::/10", Protocol::Tcp, "fe80::1 23", true},
                            {"tcp/fe80::/10", Protocol::Udp, "fe80::1 23", false},
                            {"tcp/ssh", Protocol::Tcp, "0.0.0.0 22", true},
                            {"ssh", Protocol::Udp, "0.0.0.0 22", true},
                            {"tcp/both", Protocol::Tcp, "0.0.0.0 9", true},
                            {"tcp/both", Protocol::Tcp, "0.0.0.0 8", false},
                            {"unix:@x", Protocol::Tcp, "0.0.0.0 22", false},
                            {"rpc/100024", Protocol::Udp, "0.0.0.0 111", true},
                            {"rpc/100003", Protocol::Udp, "0.0.0.0 111", false}}));
  CAPTURE(row.pattern, row.end);
  test::Scene scene;
  const auto socket = scene.at(scene.socket(row.protocol, row.end));
  const std::vector<std::uint32_t> programs{100000, 100024};
  const EndpointPattern pattern = parse_endpoint_pattern(row.pattern, lookup);
  CHECK(matches(pattern, socket, programs) == row.matches);
  CHECK_FALSE(matches(RpcPattern{100024}, socket, {}));
}

TEST_CASE("names are read as they are printed") {
  struct Row {
    const char* pattern;
    std::string name;
  };
  const Row row = GENERATE(values<Row>({{"/run/x.sock", "/run/x.sock"},
                                        {"unix:/run/x.sock", "/run/x.sock"},
                                        {"unix:relative", "relative"},
                                        {"unix:@abstract", "\0abstract"s},
                                        {"unix:@odd\\x00\\xff", "\0odd\0\xff"s},
                                        {"unix:\\x40path", "@path"},
                                        {"/run/a\\\\b", "/run/a\\b"},
                                        {"/run/a\\b", "/run/a\\b"},
                                        {"/run/new\\x0aline", "/run/new\nline"}}));
  CAPTURE(row.pattern);
  const EndpointPattern pattern = parse_endpoint_pattern(row.pattern);
  REQUIRE(pattern == EndpointPattern(NamePattern{Protocol::Unix, row.name}));
  test::Scene scene;
  const auto listener = scene.at(scene.unix_socket(SocketState::Listen, row.name));
  CHECK(matches(pattern, listener, {}));
  const auto longer = scene.at(scene.unix_socket(SocketState::Listen, row.name + "x"));
  CHECK_FALSE(matches(pattern, longer, {}));
  CHECK_FALSE(matches(NamePattern{Protocol::Vsock, row.name}, listener, {}));
}

TEST_CASE("a vsock end is named by its context and port") {
  CHECK(parse_endpoint_pattern("vsock:2:1234") ==
        EndpointPattern(NamePattern{Protocol::Vsock, "2:1234"}));
}

TEST_CASE("what is no endpoint is refused, and the reason is named") {
  struct Row {
    const char* text;
    const char* message;
    const char* hint;
  };
  const Row row = GENERATE(values<Row>({
      {"", "a port or an address is missing", "an endpoint is one of"},
      {"tcp", "a port or an address is missing", "tcp/4444"},
      {"tcp/", "a port or an address is missing", "tcp/4444"},
      {"tcp/65536", "ports are 0 to 65535", "tcp/4444"},
      {"tcp/90-80", "the lower one first", "tcp/4444"},
      {"tcp/-1", "ports are 0 to 65535", "tcp/4444"},
      {"tpc/80", "unknown word", "did you mean 'tcp'?"},
      {"quic/443", "unknown word", "known are: tcp, udp"},
      {"netlink/0", "have no address", "an endpoint is one of"},
      {"unix/@x", "is named after a colon", "unix:@name"},
      {"unix:", "the name is missing", "unix:@name"},
      {"unix:@", "the name is missing", "unix:@name"},
      {"vsock:", "the name is missing", "vsock:2:1234"},
      {"rpc/nfs", "not the number of an RPC program", "rpc/100024"},
      {"rpc/4294967296", "not the number of an RPC program", "rpc/100024"},
      {"tcp/ssh", "'ssh' is neither a port nor an address", "tcp/4444"},
      {"tcp/10.0.0.0/33", "neither a port nor an address", "tcp/4444"},
      {"tcp/::1:99999", "neither a port nor an address", "tcp/4444"},
      {"example.org:80", "neither a port nor an address", "tcp/4444"},
      {"tcp/ 80", "neither a port nor an address", "tcp/4444"},
  }));
  CAPTURE(row.text);
  try {
    (void)parse_endpoint_pattern(row.text);
    FAIL("was accepted");
  } catch (const schema::Error& error) {
    CHECK(error.code() == schema::ExitCode::Usage);
    CHECK_THAT(error.message(), Catch::Contains(row.message));
    CHECK_THAT(error.hint(), Catch::Contains(row.hint));
  }
}

TEST_CASE("a name that is no port is refused where names are known, too") {
  CHECK_THROWS_WITH(parse_endpoint_pattern("tcp/shh", lookup),
                    Catch::Contains("neither a port, the name of one nor an address"));
}

}  // namespace sockwitness
