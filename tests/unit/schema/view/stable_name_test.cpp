#include "schema/view/stable_name.h"

#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using sockwitness::schema::has_drawn_id;
using sockwitness::schema::stable_container;
using sockwitness::schema::stable_path;
using sockwitness::schema::stable_unit;

namespace {

using Samples = std::vector<std::pair<std::string, std::string>>;

const std::string kId(64, 'a');
const std::string kUuid = "0c2a9a6c-5f5e-4d57-9c3e-3f1d2b4a5c6d";

}  // namespace

TEST_CASE("stable name: units") {
  for (const auto& [unit, stable] :
       Samples{{"nginx.service", "nginx.service"},
               {"session-12.scope", "session.scope"},
               {"session-c1.scope", "session.scope"},
               {"run-u17.service", "run.service"},
               {"run-r0abc.scope", "run.scope"},
               {"postgresql@15-main.service", "postgresql@15-main.service"},
               {"user@1000.service", "user@1000.service"},
               {"ssh@3-10.0.0.1:22-10.0.0.9:4711.service", "ssh@.service"},
               {"agent@7-812-0.service", "agent@.service"},
               {"libpod-conmon-" + kId + ".scope", "libpod-conmon.scope"},
               {"snap.firefox.firefox-" + kUuid + ".scope", "snap.firefox.firefox.scope"},
               {"snap.firefox.firefox." + kUuid + ".scope", "snap.firefox.firefox.scope"},
               {"app-flatpak-org.example.App-1234.scope", "app-flatpak-org.example.App.scope"},
               {"app-foot@" + std::string(32, 'b') + ".service", "app-foot@.service"},
               {"user@1000.service/app-foot-123.scope", "user@1000.service/app-foot.scope"},
               {"machine-qemu\\x2d7\\x2dweb.scope", "machine-qemu\\x2dweb.scope"},
               {"machine-web\\x2d2.scope", "machine-web\\x2d2.scope"},
               {"dbus-:1.7-org.example.Shop@3.service", "dbus-org.example.Shop.service"},
               {kUuid + ".web.scope", ".web.scope"},
               {"web-2.service", "web-2.service"},
               {"", ""}}) {
    CHECK(stable_unit(unit) == stable);
  }
}

TEST_CASE("stable name: paths") {
  for (const auto& [path, stable] :
       Samples{{"/usr/sbin/nginx", "/usr/sbin/nginx"},
               {"/usr/bin/python3.11", "/usr/bin/python3.11"},
               {"/srv/.mount_MyAppAb12Cd/usr/bin/myapp", "/srv/.mount_MyApp*/usr/bin/myapp"},
               {"/nix/store/0c5b1ys6rlqcm7lqdy8sz3qwmkmcx3bc-nginx-1.24.0/bin/nginx",
                "/nix/store/*-nginx-*/bin/nginx"},
               {"/snap/firefox/4173/usr/lib/firefox/firefox",
                "/snap/firefox/*/usr/lib/firefox/firefox"},
               {"/snap/firefox/x1/firefox", "/snap/firefox/*/firefox"},
               {"/srv/app/releases/20261130120000/server.py", "/srv/app/releases/*/server.py"},
               {"/opt/app-1.2.3/bin/app", "/opt/app-*/bin/app"},
               {"/opt/app/v2.0/bin/app", "/opt/app/*/bin/app"},
               {"/opt/app/server-1.2.jar", "/opt/app/server-*.jar"},
               {"/srv/app/releases/a1b2c3d/server.js", "/srv/app/releases/*/server.js"},
               {"/srv/app/facade/server1.js", "/srv/app/facade/server1.js"},
               {"/srv/app/net8.0/publish/Shop.dll", "/srv/app/net*/publish/Shop.dll"},
               {"/srv/app/network8.0/Shop.dll", "/srv/app/network8.0/Shop.dll"},
               {"/tmp/_MEIaBcdEf/app.py", "/tmp/_MEI*/app.py"},
               {"/srv/node_modules/.pnpm/next@14.2.0_react@18.0.0/next.js",
                "/srv/node_modules/.pnpm/next@*/next.js"},
               {"/srv/node_modules/@scope/app/a.js", "/srv/node_modules/@scope/app/a.js"},
               {"/opt/jdk-17.0.2+8/bin/java", "/opt/jdk-*/bin/java"}}) {
    CHECK(stable_path(path) == stable);
  }
}

TEST_CASE("stable name: containers") {
  CHECK(stable_container(kId) == "*");
  CHECK(stable_container("6b5e5e1c8e0f4d2a9c3b7f6a5d4e3c2b-2647041541") == "*");
  CHECK(stable_container("9f2b7c1e-6d5a-4c3b-7a8f-1e2d") == "*");
  CHECK(stable_container("zhiz5dljm0dkvlhwqk1sqdfdl") == "*");
  CHECK(stable_container("a-name-of-twenty-and-more-5") == "a-name-of-twenty-and-more-5");
  CHECK(stable_container("web") == "web");
  CHECK(stable_container("4f1c") == "4f1c");
  CHECK(stable_container("").empty());
  CHECK(has_drawn_id("container 4f66ad9a0b2e"));
  CHECK(has_drawn_id("container " + kId));
  CHECK_FALSE(has_drawn_id("container web"));
  CHECK_FALSE(has_drawn_id("host"));
}
