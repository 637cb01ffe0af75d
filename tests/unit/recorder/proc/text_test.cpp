// The small parsers: maps, environ, mountinfo, fdinfo, links, accounts, host facts, errno table.
#include <sys/sysmacros.h>

#include <cerrno>
#include <string>

#include <catch2/catch.hpp>

#include "recorder/observe/source.h"
#include "recorder/proc/accounts.h"
#include "recorder/proc/cgroup_members.h"
#include "recorder/proc/environ.h"
#include "recorder/proc/fdinfo.h"
#include "recorder/proc/gap_reason.h"
#include "recorder/proc/host_facts.h"
#include "recorder/proc/link_text.h"
#include "recorder/proc/maps.h"
#include "recorder/proc/mountinfo.h"
#include "recorder/proc/octal.h"

using namespace sockwitness;
using namespace sockwitness::recorder;

TEST_CASE("maps: executable mappings of files") {
  const auto mappings = parse_maps(
      "555555554000-555555559000 r--p 00000000 fe:01 12 /usr/bin/cat\n"
      "555555559000-55555555e000 r-xp 00005000 fe:01 12                         /usr/bin/cat\n"
      "7ffff7c00000-7ffff7c22000 r-xs 00000000 103:1f 99 /tmp/a\\012b (deleted)\n"
      "7ffff7c30000-7ffff7c31000 rwxp 00000000 00:01 7 /memfd:x (deleted)\n"
      "7ffff7fc9000-7ffff7fcb000 r-xp 00000000 00:00 0                          [vdso]\n"
      "7ffff7fd0000-7ffff7fd1000 rwxp 00000000 00:00 0 \n"
      "7ffff7fd1000-7ffff7fd2000 rwxp 00000000 00:00 0\n"
      "7ffff7fd2000-7ffff7fd3000 r-xp 00000000 00:0e 55 anon_inode:[perf_event]\n"
      "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n");
  REQUIRE(mappings);
  REQUIRE(mappings->size() == 3);
  CHECK(mappings->at(0).range == "555555559000-55555555e000");
  CHECK(mappings->at(0).path == "/usr/bin/cat");
  CHECK(mappings->at(0).device == schema::Device(makedev(0xfe, 1)));
  CHECK(mappings->at(0).inode == schema::Inode(12));
  CHECK(mappings->at(1).path == "/tmp/a\nb (deleted)");
  CHECK(mappings->at(1).device == schema::Device(makedev(0x103, 0x1f)));
  CHECK(mappings->at(2).path == "/memfd:x (deleted)");
  CHECK(parse_maps("")->empty());
}

TEST_CASE("maps: malformed lines are rejected") {
  for (const std::string line : {"x",
                                 "5000 r-xp 0 fe:01 12 /a",
                                 "5000-6000 r-xp 0 fe:01",
                                 "5000-6000 r-x 0 fe:01 12 /a",
                                 "5000-6000 rwxq 0 fe:01 12 /a",
                                 "5000-6000 r-xp 0 fe01 12 /a",
                                 "5000-6000 r-xp g fe:01 12 /a",
                                 "5000-6000 r-xp 0 fe:01 12/a",
                                 "5000-6000 r-xp 0 fe:01 x /a",
                                 "\n"}) {
    INFO(line);
    CHECK_FALSE(parse_maps(line));
  }
}

TEST_CASE("fdinfo: sockets that are registered with an io_uring") {
  const std::string info =
      "pos:\t0\nflags:\t02000002\nSqMask:\t0x7\nSQEs:\t0\nUserFiles:\t3\n"
      "    0: socket:[3015925]\n    1: <none>\n    2: pipe:[7]\nUserBufs:\t0\n    0: 1/2\n";
  CHECK(parse_registered_sockets(info) == std::vector{schema::Inode(3015925)});
  CHECK(parse_registered_sockets("").empty());
  CHECK(parse_registered_sockets("0: socket:[]\nsocket:[7]\nx: socket:[8]").empty());
}

TEST_CASE("octal escapes") {
  CHECK(unescape_octal("a\\040b") == "a b");
  CHECK(unescape_octal("\\134\\012") == "\\\n");
  CHECK(unescape_octal("\\377") == "\xff");
  CHECK(unescape_octal("\\400") == "\\400");
  CHECK(unescape_octal("\\08") == "\\08");
  CHECK(unescape_octal("\\") == "\\");
  CHECK(unescape_octal("\\04") == "\\04");
}

TEST_CASE("environ: only what the dynamic linker obeys") {
  using namespace std::string_literals;
  CHECK(parse_preload("A=1\0LD_PRELOAD=/x.so\0SECRET=s\0LD_AUDIT=/y\0"s) ==
        "LD_PRELOAD=/x.so\0LD_AUDIT=/y\0"s);
  // Of those that name code the absolute paths alone.
  CHECK(parse_preload("PYTHONPATH=/a:b::/c\0PYTHONPATHS=/x\0BASH_ENV=/d\0PERL5LIB=\0"s) ==
        "PYTHONPATH=/a:/c\0BASH_ENV=/d\0"s);
  CHECK(parse_preload(
            "NODE_OPTIONS=--max-old-space-size=9 --require /a.js -r/b.js --import=/c.mjs /d\0"s) ==
        "NODE_OPTIONS=/a.js:/b.js:/c.mjs\0"s);
  CHECK(
      parse_preload("JAVA_TOOL_OPTIONS=-Dpassword=/secret -javaagent:/a.jar=token=/s -Xmx1g\0"s) ==
      "JAVA_TOOL_OPTIONS=/a.jar\0"s);
  CHECK(parse_preload("PERL5OPT=-Mlib=/a -d\0RUBYOPT=-W0\0NODE_PATH=http://x/y\0"s) ==
        "PERL5OPT=/a\0"s);
  CHECK(parse_preload("LD_PRELOAD=\0"s).empty());
  std::string few = "LD_PRELOAD=/a.so:/b.so\0"s;
  CHECK_FALSE(cut_preload(few));
  CHECK(few == "LD_PRELOAD=/a.so:/b.so\0"s);
  for (std::size_t length = kLongestPreload - 40; length < kLongestPreload + 40; ++length) {
    const std::string padding(length - 30, 'p');
    const std::string whole = "LD_AUDIT=/a\0LD_PRELOAD=/b:"s + padding + ":/c\0"s;
    std::string cut = whole;
    CHECK(cut_preload(cut) == (whole.size() > kLongestPreload));
    CHECK(cut.size() <= kLongestPreload + 1);
    CHECK(cut.ends_with('\0'));
    CHECK((cut == whole || cut == "LD_AUDIT=/a\0LD_PRELOAD=/b:"s + padding + '\0' ||
           cut == "LD_AUDIT=/a\0LD_PRELOAD=/b\0"s));
  }
  std::string one_name = "LD_PRELOAD=/" + std::string(100'000, 'x') + '\0';
  CHECK(cut_preload(one_name));
  CHECK(one_name.empty());
  CHECK(parse_preload("XLD_PRELOAD=a\0LD_PRELOADX=b\0LD_PRELOAD\0"s).empty());
  CHECK(parse_preload("LD_PRELOAD=unterminated") == "LD_PRELOAD=unterminated\0"s);
  CHECK(parse_preload("").empty());
  CHECK(parse_preload("\0\0\0"s).empty());
}

TEST_CASE("mountinfo: fields, escapes, optional fields") {
  const std::string text =
      "22 1 0:21 / /proc rw,relatime shared:5 master:1 - proc proc rw,hidepid=invisible,gid=4\n"
      "36 22 0:4 net:[4026532177] /run/docker/netns/a\\040b rw - nsfs nsfs rw\n"
      "broken line\n"
      "37 22 8:1 / /x rw nothing\n";
  const auto all = parse_mountinfo(text, "");
  REQUIRE(all.size() == 2);
  CHECK(all[0].type == "proc");
  CHECK(all[0].device == schema::Device(makedev(0, 21)));
  CHECK(all[0].super_options == "rw,hidepid=invisible,gid=4");
  const auto names = parse_mountinfo(text, "nsfs");
  REQUIRE(names.size() == 1);
  CHECK(names[0].root == "net:[4026532177]");
  CHECK(names[0].mount_point == "/run/docker/netns/a b");
}

TEST_CASE("mountinfo: what is mounted over processes") {
  const auto mount = [](const std::string& point) {
    return "36 22 8:1 /x " + point + " rw - ext4 /dev/sda1 rw\n";
  };
  CHECK(find_covered(mount("/proc/812")) == std::set{schema::Pid(812)});
  CHECK(find_covered(mount("/proc/812/fd") + mount("/proc/812/cmdline") +
                     mount("/proc/7/task/7/status")) == std::set{schema::Pid(7), schema::Pid(812)});
  for (const char* point :
       {"/proc", "/proc/meminfo", "/proc/sys/fs/binfmt_misc", "/proc/0", "/proc/8a", "/x/proc/8"}) {
    CHECK(find_covered(mount(point)).empty());
  }
}

TEST_CASE("mountinfo: what hides processes") {
  CHECK_FALSE(parse_proc_hiding("rw").hides);
  CHECK_FALSE(parse_proc_hiding("rw,hidepid=0").hides);
  CHECK_FALSE(parse_proc_hiding("rw,hidepid=off").hides);
  for (const std::string option : {"1", "2", "4", "noaccess", "invisible", "ptraceable"}) {
    CHECK(parse_proc_hiding("rw,hidepid=" + option).hides);
  }
  CHECK(parse_proc_hiding("gid=4,hidepid=2").exempt_group == schema::Gid(4));
  CHECK_FALSE(parse_proc_hiding("gid=4,hidepid=ptraceable").exempt_group);
}

TEST_CASE("fdinfo: terminals and tunnels") {
  CHECK(parse_tty_index("pos:\t0\nflags:\t02\ntty-index:\t3\n") == 3U);
  CHECK_FALSE(parse_tty_index("pos:\t0\n"));
  CHECK_FALSE(parse_tty_index("tty-index:\tx\n"));
  CHECK(parse_tun_interface("pos:\t0\niff:\ttun0\n") == "tun0");
  CHECK_FALSE(parse_tun_interface("pos:\t0\niff:\t\n"));
}

TEST_CASE("links: objects and paths") {
  CHECK(parse_object_link("socket:[12]", "socket") == 12U);
  CHECK(parse_object_link("net:[4026531840]", "net") == 4026531840U);
  for (const std::string text : {"socket:[12",
                                 "socket:[]",
                                 "socket:[12]x",
                                 "socket:[-1]",
                                 "/socket:[12]",
                                 "socket:12",
                                 "pipe:[1]",
                                 ""}) {
    INFO(text);
    CHECK_FALSE(parse_object_link(text, "socket"));
  }
}

TEST_CASE("accounts: first name of an id, malformed lines skipped") {
  const auto users = parse_passwd(
      "root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/root:/bin/sh\n\nbad\n+nis::::::\n#c:x:5:5:::\n"
      ":x:7:7:::\nx:x:a:7:::\nneg:x:-1:1:::\nbig:x:4294967296:1:::\n"
      "sp ace:x:33:33:w:/:/bin/false\nshort:x:9:9\nlast:x:4294967294:1:::");
  const std::vector<schema::UserName> expected = {{schema::Uid(0), "root"},
                                                  {schema::Uid(0), "toor"},
                                                  {schema::Uid(33), "sp ace"},
                                                  {schema::Uid(4294967294), "last"}};
  CHECK(users == expected);
  std::string crowd;
  for (int at = 0; at < 100; ++at) {
    crowd += "n" + std::to_string(at / 2) + ":x:5:5:::\n";
  }
  CHECK(parse_passwd(crowd).size() == 16);
  const auto groups = parse_group("root:x:0:\nadm:x:4:a,b\nbad:x\n");
  REQUIRE(groups.size() == 2);
  CHECK(groups[1].name == "adm");
  CHECK(groups[1].gid == schema::Gid(4));
}

TEST_CASE("host facts") {
  CHECK(parse_boot_id("0b9b0bd2-97c1-4a50-9a1c-2fbd6b43c79d\n"));
  for (const std::string text : {"",
                                 "0b9b0bd2-97c1-4a50-9a1c-2fbd6b43c79",
                                 "x",
                                 "0B9b0bd2-97c1-4a50-9a1c-2fbd6b43c79d",
                                 "0b9b0bd2097c1-4a50-9a1c-2fbd6b43c79d",
                                 "0b9b0bd2-97c1-4a50-9a1c-2fbd6b43c79d\n\n"}) {
    CHECK_FALSE(parse_boot_id(text));
  }
  CHECK(parse_machine_id(std::string(32, 'a') + "\n") == std::string(32, 'a'));
  CHECK_FALSE(parse_machine_id("uninitialized\n"));
  CHECK_FALSE(parse_machine_id(std::string(31, 'a')));
  const auto range = parse_port_range("32768\t60999\n");
  REQUIRE(range);
  CHECK(range->first == schema::Port(32768));
  CHECK(range->second == schema::Port(60999));
  for (const std::string text : {"", "1", "1 ", "12", "9 8", "1 65536", "1 2 3", "-1 2"}) {
    INFO(text);
    CHECK_FALSE(parse_port_range(text));
  }
}

TEST_CASE("the first port for everybody") {
  CHECK(parse_port("1024\n") == schema::Port(1024));
  CHECK(parse_port("0") == schema::Port(0));
  for (const std::string text : {"", "\n", "65536", "-1", "1 2", "80x"}) {
    INFO(text);
    CHECK_FALSE(parse_port(text));
  }
}

TEST_CASE("members of a control group") {
  using schema::Pid;
  CHECK(parse_members("1\n4120\n") == std::vector<Pid>{Pid(1), Pid(4120)});
  CHECK(parse_members("0\n7\n-3\nx\n\n9999999999\n8") == std::vector<Pid>{Pid(7), Pid(8)});
  CHECK(parse_members("").empty());
}

TEST_CASE("errno to reason") {
  using schema::GapReason;
  const std::pair<int, GapReason> table[] = {{EACCES, GapReason::Permission},
                                             {EPERM, GapReason::Permission},
                                             {ESRCH, GapReason::Vanished},
                                             {ENOENT, GapReason::Vanished},
                                             {EFBIG, GapReason::Truncated},
                                             {ENAMETOOLONG, GapReason::Truncated},
                                             {ETIMEDOUT, GapReason::TimedOut},
                                             {EMFILE, GapReason::TooMany},
                                             {ENFILE, GapReason::TooMany},
                                             {ENOMEM, GapReason::TooMany},
                                             {ENOSYS, GapReason::NotSupported},
                                             {EOPNOTSUPP, GapReason::NotSupported},
                                             {ENOTTY, GapReason::NotSupported},
                                             {EIO, GapReason::Failed},
                                             {EBADMSG, GapReason::Failed},
                                             {EXDEV, GapReason::Failed}};
  for (const auto& [number, reason] : table) {
    INFO(number);
    CHECK(gap_reason(number) == reason);
    CHECK(means_vanished(number) == (reason == GapReason::Vanished));
  }
}

TEST_CASE("every step has a word of its own") {
  std::vector<std::string> words;
  for (std::size_t i = 0; i <= kProcessSteps; ++i) {
    words.emplace_back(step_word(static_cast<ProcessStep>(i)));
  }
  CHECK(words[3] == "command_line");
  std::sort(words.begin(), words.end());
  CHECK(std::adjacent_find(words.begin(), words.end()) == words.end());
}
