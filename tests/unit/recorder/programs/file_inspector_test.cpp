#include "recorder/programs/file_inspector.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/unit/recorder/programs/fake_root.h"

using namespace sockwitness;
using namespace sockwitness::recorder;
using schema::PackageVerdict;

namespace {

// Of the text "good\n".
constexpr std::string_view kGood = "d7f986677d9f563bd1794b09d82206a3";
constexpr std::string_view kGoodSha =
    "106675dc1490d5cdd6d1f0410731316ce93fc964c6cf6726e2b0d53e19688feb";

// A root in which "tool" owns /bin/good, "libdual:amd64" and "libdual:i386" share a file, and
// "wrap" diverts what "orig" ships.
void fill(const FakeRoot& root) {
  const std::string good(kGood);
  root.write("usr/bin/good", "good\n");
  root.write("usr/bin/tampered", "gooD\n");
  root.write("usr/bin/plain", "good\n");
  root.write("usr/bin/wrapped", "good\n");
  root.write("usr/bin/wrapped.orig", "good\n");
  root.write("usr/share/dual", "good\n");
  root.write("tmp/mine", "good\n");
  root.link("bin", "usr/bin");
  root.package("tool",
               "/.\n/bin\n/bin/good\n/bin/tampered\n/bin/plain\n",
               good + "  bin/good\n" + good + "  bin/tampered\n");
  root.package("libdual:amd64", "/usr/share/dual\n", std::string(32, '0') + "  usr/share/dual\n");
  root.package("libdual:i386", "/usr/share/dual\n", good + "  usr/share/dual\n");
  root.package("orig", "/usr/bin/wrapped\n", good + "  usr/bin/wrapped\n");
  root.package("wrap", "/usr/bin/wrapped\n", std::string(32, '0') + "  usr/bin/wrapped\n");
  root.write("var/lib/dpkg/diversions", "/usr/bin/wrapped\n/usr/bin/wrapped.orig\nwrap\n");
  root.write("var/lib/dpkg/status",
             "Package: tool\nArchitecture: all\nVersion: 1:2-3\n\n"
             "Package: libdual\nArchitecture: i386\nVersion: 9\n\n");
}

struct Answer {
  schema::Program program;
  std::vector<schema::Gap> gaps;
  int opened = 0;
};

Answer ask(FileInspector& inspector,
           const schema::Program& program,
           const std::string& file,
           int root,
           Inspection inspection = Inspection::Content) {
  Answer answer;
  answer.program = program;
  answer.gaps = inspector.inspect(
      answer.program,
      inspection,
      [&] {
        ++answer.opened;
        return open_at(AT_FDCWD, file.c_str(), O_RDONLY);
      },
      root);
  return answer;
}

Answer ask(FileInspector& inspector,
           const FakeRoot& root,
           const std::string& path,
           Inspection inspection = Inspection::Content) {
  const auto directory = root.open();
  return ask(inspector, root.program(path), root.at(path), directory.get(), inspection);
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text += kDigits[static_cast<unsigned char>(byte) >> 4U];
    text += kDigits[static_cast<unsigned char>(byte) & 15U];
  }
  return text;
}

}  // namespace

TEST_CASE("the verdict follows owner and content") {
  const FakeRoot root;
  fill(root);
  FileInspector inspector{{}};
  struct Row {
    const char* path;
    PackageVerdict verdict;
    const char* package;
    const char* version;
  };
  const auto rows =
      std::to_array<Row>({{"usr/bin/good", PackageVerdict::Matches, "tool", "1:2-3"},
                          {"bin/good", PackageVerdict::Matches, "tool", "1:2-3"},
                          {"usr/bin/tampered", PackageVerdict::Differs, "tool", "1:2-3"},
                          {"usr/bin/plain", PackageVerdict::NoChecksum, "tool", "1:2-3"},
                          {"usr/share/dual", PackageVerdict::Matches, "libdual:i386", "9"},
                          {"usr/bin/wrapped", PackageVerdict::Differs, "wrap", ""},
                          {"usr/bin/wrapped.orig", PackageVerdict::Matches, "orig", ""},
                          {"tmp/mine", PackageVerdict::NotOwned, "", ""}});
  for (const auto& row : rows) {
    CAPTURE(row.path);
    const auto answer = ask(inspector, root, row.path);
    CHECK(answer.gaps.empty());
    CHECK(schema::verdict_word(answer.program.verdict) == schema::verdict_word(row.verdict));
    CHECK(answer.program.package == row.package);
    CHECK(answer.program.package_version == row.version);
    CHECK(answer.program.sha256.size() == 32);
  }
  CHECK(hex(ask(inspector, root, "usr/bin/good").program.sha256) == kGoodSha);
}

TEST_CASE("owned or not: what a package owns is not read") {
  const FakeRoot root;
  fill(root);
  FileInspector inspector{{}};
  const auto owned = ask(inspector, root, "usr/bin/tampered", Inspection::OwnedOrNot);
  CHECK(owned.opened == 0);
  CHECK(owned.program.verdict == PackageVerdict::NotChecked);
  CHECK(owned.program.package == "tool");
  CHECK(owned.program.sha256.empty());
  const auto stray = ask(inspector, root, "tmp/mine", Inspection::OwnedOrNot);
  CHECK(stray.opened == 1);
  CHECK(stray.program.verdict == PackageVerdict::NotOwned);
  CHECK(stray.program.sha256.size() == 32);
}

TEST_CASE("what has no path is owned by nobody, what was replaced is judged by content") {
  const FakeRoot root;
  fill(root);
  FileInspector inspector{{}};
  const auto directory = root.open();
  auto program = root.program("usr/bin/good");
  for (const auto state : {schema::FileState::Deleted, schema::FileState::Memfd}) {
    program.state = state;
    const auto answer = ask(inspector, program, root.at("usr/bin/good"), directory.get());
    CHECK(answer.program.verdict == PackageVerdict::NotOwned);
    CHECK(answer.program.package.empty());
    CHECK(answer.program.sha256.size() == 32);
  }
  // The process still runs the content of before the upgrade.
  root.write("tmp/old", "old\n");
  program = describe(root.at("tmp/old"), "/usr/bin/good");
  program.state = schema::FileState::Replaced;
  const auto answer = ask(inspector, program, root.at("tmp/old"), directory.get());
  CHECK(answer.program.verdict == PackageVerdict::Differs);
  CHECK(answer.program.package == "tool");
}

TEST_CASE("a script that was started by a link is judged as the file that it is") {
  const FakeRoot root;
  fill(root);
  root.link("usr/bin/alias", "good");
  root.link("usr/bin/astray", "good");
  FileInspector inspector{{}};
  CHECK(ask(inspector, root, "usr/bin/alias").program.verdict == PackageVerdict::Matches);
  // The link leads to another file than the one that runs.
  const auto directory = root.open();
  const auto program = describe(root.at("tmp/mine"), "/usr/bin/astray");
  CHECK(ask(inspector, program, root.at("tmp/mine"), directory.get()).program.verdict ==
        PackageVerdict::NotOwned);
}

TEST_CASE("a root without a database gives no verdict, and no gap") {
  const FakeRoot root;
  root.write("bin/app", "good\n");
  FileInspector inspector{{}};
  const auto answer = ask(inspector, root, "bin/app");
  CHECK(answer.gaps.empty());
  CHECK(answer.program.verdict == PackageVerdict::NoDatabase);
  CHECK(answer.program.sha256.size() == 32);
}

TEST_CASE("a list that cannot be read leaves ownership open") {
  const FakeRoot root;
  fill(root);
  std::filesystem::create_directory(root.at("var/lib/dpkg/info/torn.list"));
  FileInspector inspector{{}};
  CHECK(ask(inspector, root, "usr/bin/good").program.verdict == PackageVerdict::Matches);
  const auto answer = ask(inspector, root, "tmp/mine");
  CHECK(answer.program.verdict == PackageVerdict::Unknown);
  REQUIRE(answer.gaps.size() == 1);
  CHECK(answer.gaps[0].source == schema::GapSource::Program);
  CHECK(answer.gaps[0].object == schema::GapObject::of_text("/tmp/mine"));
}

TEST_CASE("a removed package of which nothing is left has an empty list") {
  struct Row {
    const char* state;
    PackageVerdict verdict;
  };
  const Row row = GENERATE(Row{"deinstall ok config-files", PackageVerdict::NotOwned},
                           Row{"install ok installed", PackageVerdict::Unknown});
  CAPTURE(row.state);
  const FakeRoot root;
  fill(root);
  root.package("gone", "", "");
  root.write(
      "var/lib/dpkg/status",
      std::string("Package: gone\nStatus: ") + row.state + "\nArchitecture: amd64\nVersion: 1\n\n");
  FileInspector inspector{{}};
  CHECK(schema::verdict_word(ask(inspector, root, "tmp/mine").program.verdict) ==
        schema::verdict_word(row.verdict));
}

TEST_CASE("a database of which a part is cut or cannot be read accuses nobody") {
  struct Row {
    const char* file;
    const char* content;  // null: a folder is in its place
    const char* program;
    PackageVerdict verdict;
  };
  const auto rows = std::to_array<Row>({
      {"info/tool.list", "", "usr/bin/good", PackageVerdict::Unknown},
      {"info/tool.list", "/.\n/bin\n/bin/go", "usr/bin/good", PackageVerdict::Unknown},
      {"info/tool.list", nullptr, "usr/bin/good", PackageVerdict::Unknown},
      {"info/orig.list", "", "tmp/mine", PackageVerdict::Unknown},
      {"info/tool.md5sums", "", "usr/bin/tampered", PackageVerdict::Unknown},
      {"info/tool.md5sums", nullptr, "usr/bin/tampered", PackageVerdict::Unknown},
      {"info/tool.md5sums", "d7f98667", "usr/bin/good", PackageVerdict::Unknown},
      {"diversions", nullptr, "usr/bin/good", PackageVerdict::Matches},
      {"diversions", nullptr, "usr/bin/tampered", PackageVerdict::Unknown},
      {"diversions", "/usr/bin/wrapped\n/usr", "tmp/mine", PackageVerdict::Unknown},
      {"status", nullptr, "usr/bin/good", PackageVerdict::Matches},
      {"status", "Package: to", "usr/bin/good", PackageVerdict::Matches},
  });
  for (const auto& row : rows) {
    INFO(row.file << " for " << row.program);
    const FakeRoot root;
    fill(root);
    const std::string place = std::string("var/lib/dpkg/") + row.file;
    std::filesystem::remove(root.at(place));
    if (row.content == nullptr) {
      std::filesystem::create_directory(root.at(place));
    } else {
      root.write(place, row.content);
    }
    FileInspector inspector{{}};
    const auto answer = ask(inspector, root, row.program);
    CHECK(schema::verdict_word(answer.program.verdict) == schema::verdict_word(row.verdict));
    CHECK(answer.gaps.size() == 1);
    CHECK(answer.program.sha256.size() == 32);
  }
}

TEST_CASE("what a snapshot could not settle is asked again, whatever earlier ones knew") {
  const FakeRoot root;
  fill(root);
  FileInspector first{{}};
  KnownPrograms known;
  known.programs = {ask(first, root, "usr/bin/good").program};
  known.packages_as_of = schema::WallTime{INT64_MAX / 4};
  std::filesystem::remove(root.at("var/lib/dpkg/info/tool.list"));
  root.write("var/lib/dpkg/info/tool.list", "/.\n");
  FileInspector sure{known};
  CHECK(ask(sure, root, "usr/bin/good").program.verdict == PackageVerdict::Matches);
  known.unsettled = known.programs;
  FileInspector asks{known};
  CHECK(ask(asks, root, "usr/bin/good").program.verdict == PackageVerdict::NotOwned);
}

TEST_CASE("what was upgraded while it runs stays what it was") {
  const FakeRoot root;
  fill(root);
  FileInspector first{{}};
  KnownPrograms known;
  known.programs = {ask(first, root, "usr/bin/good").program};
  root.package("tool", "/bin/good\n", std::string(32, '0') + "  bin/good\n");
  const auto directory = root.open();
  auto program = root.program("usr/bin/good");
  program.state = schema::FileState::Replaced;
  const auto verdict = [&](const KnownPrograms& earlier) {
    FileInspector next{earlier};
    const auto answer = ask(next, program, root.at("usr/bin/good"), directory.get());
    return std::pair(answer.program.verdict, answer.program.package_version);
  };
  CHECK(verdict(known) == std::pair(PackageVerdict::Matches, std::string("1:2-3")));
  SECTION("nobody saw it before") {
    CHECK(verdict({}).first == PackageVerdict::Differs);
  }
  SECTION("it was altered before") {
    known.programs[0].verdict = PackageVerdict::Differs;
    CHECK(verdict(known).first == PackageVerdict::Differs);
  }
  SECTION("another content") {
    known.programs[0].sha256 = std::string(32, 'x');
    CHECK(verdict(known).first == PackageVerdict::Differs);
  }
  SECTION("it is still in its place") {
    program.state = schema::FileState::Present;
    CHECK(verdict(known).first == PackageVerdict::Differs);
  }
}

TEST_CASE("what prevents the hash is a gap with its reason") {
  const FakeRoot root;
  fill(root);
  root.write("tmp/large", std::string(5000, 'x'));
  FileInspector inspector{{}, {.largest_file = 4096}};
  const auto directory = root.open();
  const auto reason = [&](const schema::Program& program, const std::string& file) {
    const auto answer = ask(inspector, program, file, directory.get());
    REQUIRE(answer.gaps.size() == 1);
    CHECK(answer.gaps[0].object.text() == program.path);
    CHECK(answer.program.sha256.empty());
    return answer.gaps[0].reason;
  };
  CHECK(reason(root.program("tmp/large"), root.at("tmp/large")) == schema::GapReason::TooMany);
  CHECK(reason(root.program("tmp/mine"), root.at("tmp/absent")) == schema::GapReason::Vanished);
  CHECK(reason(root.program("tmp/mine"), root.at("usr/bin/good")) == schema::GapReason::Raced);
  CHECK(reason(root.program("tmp/mine"), root.at("tmp")) == schema::GapReason::NotSupported);

  const auto owned = ask(inspector, root.program("usr/bin/good"), root.at("x"), directory.get());
  CHECK(owned.program.verdict == PackageVerdict::NotChecked);
  CHECK(owned.program.package == "tool");
}

TEST_CASE("a root that cannot be looked at is a gap, and the content is hashed all the same") {
  const FakeRoot root;
  fill(root);
  FileInspector inspector{{}};
  const auto answer = ask(inspector, root.program("tmp/mine"), root.at("tmp/mine"), -1);
  CHECK(answer.program.verdict == PackageVerdict::Unknown);
  CHECK(answer.program.sha256.size() == 32);
  REQUIRE(answer.gaps.size() == 1);
  CHECK(answer.gaps[0].error_number == EBADF);
}

TEST_CASE("of memory files only a sealed one is believed to be what it was") {
  const FakeRoot root;
  const auto directory = root.open();
  const UniqueFd memory(::memfd_create("x", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  REQUIRE(::write(memory.get(), "good\n", 5) == 5);
  const std::string path = "/proc/self/fd/" + std::to_string(memory.get());
  auto program = describe(path, "/memfd:x");
  program.state = schema::FileState::Memfd;
  program.sha256 = std::string(32, 'r');
  KnownPrograms known;
  known.programs = {program};

  FileInspector before(known);
  CHECK(hex(ask(before, program, path, directory.get()).program.sha256) == kGoodSha);
  REQUIRE(::fcntl(memory.get(), F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_WRITE) == 0);
  FileInspector after(known);
  CHECK(ask(after, program, path, directory.get()).program.sha256 == program.sha256);
}

TEST_CASE("a known file is not opened again while its packages stand") {
  const FakeRoot root;
  fill(root);
  FileInspector first{{}};
  KnownPrograms known;
  known.programs = {ask(first, root, "usr/bin/good").program, ask(first, root, "tmp/mine").program};
  const auto long_after = describe(root.at("usr/bin/good"), "").ctime_ns / 1000 + 60'000'000;

  SECTION("the database is older than the snapshot") {
    known.packages_as_of = schema::WallTime{long_after};
    FileInspector next(known);
    for (const char* path : {"usr/bin/good", "tmp/mine"}) {
      const auto answer = ask(next, root, path);
      CHECK(answer.opened == 0);
      CHECK(answer.program == ask(first, root, path).program);
    }
  }
  SECTION("the database changed since: owned files are read again, others only looked up") {
    known.packages_as_of = schema::WallTime{long_after - 120'000'000};
    root.package("tool", "/bin/good\n", std::string(32, '0') + "  bin/good\n");
    FileInspector next(known);
    const auto good = ask(next, root, "usr/bin/good");
    CHECK(good.opened == 1);
    CHECK(good.program.verdict == PackageVerdict::Differs);
    CHECK(ask(next, root, "tmp/mine").opened == 0);
  }
  SECTION("nothing is said about the database") {
    FileInspector next(known);
    CHECK(ask(next, root, "usr/bin/good").opened == 1);
    CHECK(ask(next, root, "tmp/mine").opened == 0);
  }
  SECTION("the content changed") {
    known.packages_as_of = schema::WallTime{long_after};
    root.write("usr/bin/good", "longer than good\n");
    FileInspector next(known);
    const auto answer = ask(next, root, "usr/bin/good");
    CHECK(answer.opened == 1);
    CHECK(answer.program.verdict == PackageVerdict::Differs);
  }
  SECTION("a verdict of another root is not taken over") {
    known.packages_as_of = schema::WallTime{long_after};
    const FakeRoot bare;
    const auto directory = bare.open();
    FileInspector next(known);
    const auto answer =
        ask(next, root.program("usr/bin/good"), root.at("usr/bin/good"), directory.get());
    CHECK(answer.program.verdict == PackageVerdict::NoDatabase);
  }
}

TEST_CASE("roots beyond the limit are read anew and judged the same") {
  const FakeRoot full;
  const FakeRoot bare;
  fill(full);
  bare.write("usr/bin/good", "good\n");
  FileInspector inspector{{}, {.foreign_databases = 1}};
  for (int round = 0; round < 3; ++round) {
    CHECK(ask(inspector, full, "usr/bin/good").program.verdict == PackageVerdict::Matches);
    CHECK(ask(inspector, bare, "usr/bin/good").program.verdict == PackageVerdict::NoDatabase);
  }
}

TEST_CASE("threads that meet at one file hash it once") {
  const FakeRoot root;
  fill(root);
  root.write("tmp/big", std::string(8U << 20U, 'x'));
  FileInspector inspector{{}};
  const auto directory = root.open();
  std::atomic<int> opened = 0;
  std::atomic<int> agreed = 0;
  std::vector<std::jthread> threads;
  for (int index = 0; index < 8; ++index) {
    threads.emplace_back([&] {
      auto program = root.program("tmp/big");
      const auto gaps = inspector.inspect(
          program,
          Inspection::Content,
          [&] {
            ++opened;
            return open_at(AT_FDCWD, root.at("tmp/big").c_str(), O_RDONLY);
          },
          directory.get());
      if (gaps.empty() && program.sha256.size() == 32) {
        ++agreed;
      }
    });
  }
  threads.clear();
  CHECK(opened == 1);
  CHECK(agreed == 8);
}
