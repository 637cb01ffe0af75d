#include "schema/view/app.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using sockwitness::schema::App;
using sockwitness::schema::find_app;
using Kind = App::Kind;

namespace {

struct Sample {
  std::string program;
  std::vector<std::string> arguments;
  Kind kind;
  std::string text;
  std::string object;
};

std::string line_of(const std::vector<std::string>& arguments) {
  std::string line;
  for (const auto& argument : arguments) {
    line.append(argument).push_back('\0');
  }
  return line;
}

void check(const std::vector<Sample>& samples) {
  for (const auto& sample : samples) {
    INFO(sample.program << ": " << Catch::Detail::stringify(sample.arguments));
    const App app = find_app(sample.program, line_of(sample.arguments));
    CHECK(app.kind == sample.kind);
    CHECK(app.text == sample.text);
    CHECK(app.object == sample.object);
  }
}

}  // namespace

TEST_CASE("app: what the other rows of the tables name") {
  check({{"/usr/bin/fish", {"fish", "-C", "x", "/srv/a.fish"}, Kind::File, "/srv/a.fish", ""},
         {"/usr/bin/tclsh8.6",
          {"tclsh", "-encoding", "utf-8", "/srv/a.tcl"},
          Kind::File,
          "/srv/a.tcl",
          ""},
         {"/usr/lib/R/bin/exec/R",
          {"R", "--no-echo", "--file=/srv/a.R", "--args", "x"},
          Kind::File,
          "/srv/a.R",
          ""},
         {"/usr/bin/Rscript", {"Rscript", "/srv/a.R"}, Kind::File, "/srv/a.R", ""},
         {"/usr/bin/expect", {"expect", "-f", "/srv/a.exp"}, Kind::File, "/srv/a.exp", ""}});
  struct Launched {
    std::string program;
    std::vector<std::string> arguments;
    std::string object;
  };
  for (const Launched& each : std::vector<Launched>{
           {"hypercorn", {"-b", "0.0.0.0:80", "shop:app"}, "hypercorn shop:app"},
           {"daphne", {"-p", "80", "shop.asgi:application"}, "daphne shop.asgi:application"},
           {"waitress-serve", {"--listen=*:80", "shop:app"}, "waitress-serve shop:app"},
           {"granian", {"--interface", "asgi", "shop:app"}, "granian shop:app"},
           {"streamlit", {"run", "/srv/app.py"}, "streamlit /srv/app.py"},
           {"pm2", {"start", "/srv/app.js"}, "pm2 /srv/app.js"}}) {
    const std::string path = "/usr/bin/" + each.program;
    const bool node = each.program == "pm2";
    std::vector<std::string> line{node ? "node" : "python3", path};
    line.insert(line.end(), each.arguments.begin(), each.arguments.end());
    check({{node ? "/usr/bin/node" : "/usr/bin/python3.11", line, Kind::File, path, each.object}});
  }
}

TEST_CASE("app: runtimes that are told a file, a module or a class") {
  check({{"/usr/bin/dotnet",
          {"dotnet", "/srv/Shop.dll", "--urls", "x"},
          Kind::File,
          "/srv/Shop.dll",
          ""},
         {"/usr/bin/dotnet",
          {"dotnet", "exec", "--depsfile", "a.json", "Shop.dll"},
          Kind::File,
          "Shop.dll",
          ""},
         {"/usr/bin/dotnet", {"dotnet", "build"}, Kind::None, "", ""},
         {"/usr/bin/mono-sgen", {"mono", "--debug", "/srv/x.exe"}, Kind::File, "/srv/x.exe", ""},
         {"/usr/bin/deno",
          {"deno", "run", "--allow-net", "-c", "deno.json", "main.ts"},
          Kind::File,
          "main.ts",
          ""},
         {"/root/.bun/bin/bun",
          {"bun", "run", "--port", "3000", "index.ts"},
          Kind::File,
          "index.ts",
          ""},
         {"/usr/bin/guile-3.0",
          {"guile", "-L", "/lib", "-s", "/srv/web.scm"},
          Kind::File,
          "/srv/web.scm",
          ""},
         {"/usr/bin/julia", {"julia", "-t", "4", "/srv/app.jl"}, Kind::File, "/srv/app.jl", ""},
         {"/usr/bin/java",
          {"java", "-cp", "/srv/a.jar:/srv/b.jar", "com.example.Main"},
          Kind::Name,
          "com.example.Main",
          ""},
         {"/usr/bin/python3.11",
          {"python3", "-m", "http.server", "80"},
          Kind::Name,
          "-m http.server",
          ""},
         {"/usr/lib/erlang/erts-13/bin/beam.smp",
          {"beam.smp", "-W", "w", "--", "-root", "/usr/lib/erlang", "-s", "rabbit", "boot"},
          Kind::Name,
          "rabbit",
          ""},
         {"/srv/rel/erts-13/bin/beam.smp",
          {"beam.smp", "--", "-s", "elixir", "start_cli", "-boot", "/srv/rel/releases/1.2/start"},
          Kind::Name,
          "/srv/rel/releases/1.2/start",
          ""},
         {"/usr/bin/qemu-system-x86_64",
          {"qemu", "-m", "2G", "-drive", "file=/vm/web.qcow2"},
          Kind::Name,
          "/vm/web.qcow2",
          ""},
         {"/usr/lib/wine/wine64-preloader",
          {"C:\\srv\\game.exe", "-port", "1"},
          Kind::Name,
          "C:\\srv\\game.exe",
          ""},
         {"/usr/sbin/nginx", {"nginx", "-c", "/x"}, Kind::None, "", ""}});
}

TEST_CASE("app: code on the command line, and from standard input") {
  check({{"/usr/bin/python3.11", {"python3", "-c", "import x"}, Kind::Code, "import x", ""},
         {"/usr/bin/python3.11", {"python3", "-cimport x"}, Kind::Code, "import x", ""},
         {"/usr/bin/perl", {"perl", "-MIO::Socket", "-e", "serve()"}, Kind::Code, "serve()", ""},
         {"/usr/bin/bash", {"bash", "-c", "-e", "nc -l 1"}, Kind::Code, "nc -l 1", ""},
         {"/usr/bin/dash", {"sh", "-ec", "nc -l 1"}, Kind::Code, "nc -l 1", ""},
         {"/usr/bin/nodejs", {"node", "--eval=serve()"}, Kind::Code, "serve()", ""},
         {"/usr/bin/lua5.4", {"lua", "-e", "x=1", "/srv/a.lua"}, Kind::File, "/srv/a.lua", ""},
         {"/usr/bin/lua5.4", {"lua", "-e", "x=1"}, Kind::Code, "x=1", ""},
         {"/usr/bin/bash", {"bash", "-s"}, Kind::Input, "", ""},
         {"/usr/bin/python3", {"python3", "-"}, Kind::Input, "", ""},
         {"/usr/bin/python3", {"python3"}, Kind::None, "", ""}});
}

TEST_CASE("app: launchers are told an application of their own") {
  check({{"/usr/bin/python3.11",
          {"python3", "/usr/bin/gunicorn", "-w", "4", "-b", "0.0.0.0:80", "shop.wsgi:app"},
          Kind::File,
          "/usr/bin/gunicorn",
          "gunicorn shop.wsgi:app"},
         {"/usr/bin/python3.11",
          {"python3", "-m", "uvicorn", "--host", "0.0.0.0", "--port", "80", "shop:app"},
          Kind::Name,
          "-m uvicorn",
          "uvicorn shop:app"},
         {"/usr/bin/python3.11",
          {"python3", "/venv/bin/celery", "-A", "shop.tasks", "worker"},
          Kind::File,
          "/venv/bin/celery",
          "celery shop.tasks"},
         {"/usr/bin/ruby3.1",
          {"ruby", "/usr/bin/bundle", "exec", "puma", "-C", "x.rb", "config.ru"},
          Kind::File,
          "/usr/bin/bundle",
          "puma config.ru"},
         {"/usr/bin/nodejs",
          {"node", "/usr/bin/npm", "run", "serve"},
          Kind::File,
          "/usr/bin/npm",
          "npm serve"},
         {"/usr/bin/python3.11",
          {"python3", "/usr/bin/gunicorn"},
          Kind::File,
          "/usr/bin/gunicorn",
          ""}});
}

TEST_CASE("app: a title hides the arguments, and may show what is run") {
  check({{"/usr/bin/python3.11",
          {"gunicorn: master [shop:app]", "", ""},
          Kind::Titled,
          "",
          "gunicorn shop:app"},
         {"/usr/bin/python3.11",
          {"gunicorn: worker [shop:app]"},
          Kind::Titled,
          "",
          "gunicorn shop:app"},
         {"/usr/sbin/php-fpm8.2", {"php-fpm: pool www   ", " "}, Kind::Titled, "", "php-fpm www"},
         {"/usr/sbin/php-fpm8.2",
          {"php-fpm: master process (/srv/fpm.conf)"},
          Kind::Titled,
          "",
          "php-fpm /srv/fpm.conf"},
         {"/usr/bin/ruby3.1",
          {"puma 5.6.5 (tcp://0.0.0.0:80) [shop]"},
          Kind::Titled,
          "",
          "puma shop"},
         {"/usr/bin/ruby3.1",
          {"unicorn worker[0] -c /srv/u.rb"},
          Kind::Titled,
          "",
          "unicorn -c /srv/u.rb"},
         {"/usr/bin/nodejs", {"node /srv/app.js"}, Kind::Titled, "/srv/app.js", ""},
         {"/usr/bin/perl", {"w.pl: serving"}, Kind::Titled, "", ""},
         {"/usr/bin/perl", {"w.pl: serving", "x"}, Kind::File, "x", ""}});
}
