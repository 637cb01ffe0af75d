// Two command lines of one program: the same application, or another one.
//
// In:    the table: "same" or "other", the program, the one command line, the other one; "~" is a
//        blank within an argument.
#include <sstream>
#include <string>
#include <string_view>

#include <catch2/catch.hpp>

#include "schema/view/app.h"
#include "schema/view/owner_key.h"

using sockwitness::schema::App;
using sockwitness::schema::find_app;
using sockwitness::schema::may_be_same_app;
using sockwitness::schema::Owner;
using sockwitness::schema::Program;

namespace {

constexpr std::string_view kTable = R"(
other /srv/R/bin/exec/R | /usr/lib/R/bin/exec/R --no-echo --no-restore -e a | /usr/lib/R/bin/exec/R --no-echo -e b
same /srv/R/bin/exec/R | R --no-save --slave -f /srv/a.R | R --no-echo --file=/srv/a.R --args x
other /srv/R/bin/exec/R | R --no-echo --no-restore --file=/srv/a.R | R --no-restore --no-echo --file=/srv/b.R --args x
same /srv/erts-13.1.5/bin/beam.smp | b -W w -s rabbit boot | b -W w -K true -s rabbit boot
same /usr/bin/PassengerAgent | Passenger~AppPreloader:~/srv/shop | Passenger~AppPreloader:~/srv/shop~(forking...)
other /usr/bin/bash | bash -lc exec~a | bash -lc exec~b
other /usr/bin/bash | bash -euo pipefail /srv/a/run.sh | bash -euo pipefail /srv/b/run.sh
same /usr/bin/bash | bash -x /srv/a/run.sh | bash /srv/a/run.sh
other /usr/bin/beam.smp | b -noshell -eval shop() | b -noshell -eval evil()
other /usr/bin/beam.smp | b -root /usr/lib/erlang -s elixir start_cli -extra /usr/bin/mix phx.server | b -root /usr/lib/erlang -s elixir start_cli -extra /usr/bin/evil phx.server
other /usr/bin/beam.smp | b -noinput -s shop | b -noinput -s evil
same /usr/bin/beam.smp | b -- -root /srv/shop -boot /srv/shop/releases/0.1.0/start | b -- -root /srv/shop -boot /srv/shop/releases/0.2.0/start
other /usr/bin/beam.smp | b -noshell -s elixir start_cli -extra /srv/app.exs | b -noshell -s elixir start_cli -extra --no-halt /srv/evil.exs
same /usr/bin/bun | bun --hot /srv/a/main.ts | bun /srv/a/main.ts
other /usr/bin/bun | bun x serve | bun x evil
other /usr/bin/bun | bun run start | bun run evil
other /usr/bin/busybox | busybox httpd -f | busybox nc -l
other /usr/bin/busybox | httpd -f | nc -l -p 80
same /usr/bin/busybox | busybox httpd -f | httpd -f -p 80
same /usr/bin/busybox | busybox httpd -f -h /srv/a | busybox httpd -f -h /srv/b
other /usr/bin/deno | deno run -A jsr:@std/http/file-server | deno run -A jsr:@evil/x
other /usr/bin/deno | deno task start | deno task evil
other /usr/bin/deno | deno eval Deno.serve(x) | deno eval evil()
other /usr/bin/deno | deno run -A npm:serve | deno run -A npm:evil
same /usr/bin/deno | deno run -A /srv/a/main.ts | deno run --allow-net --config d.json /srv/a/main.ts
other /usr/bin/deno | deno serve --port 80 /srv/a/main.ts | deno serve --port 80 /srv/a/evil.ts
same /usr/bin/deno | deno run -A https://deno.land/std@0.200.0/http/file_server.ts | deno run -A https://deno.land/std@0.210.0/http/file_server.ts
other /usr/bin/deno | deno run -A https://deno.land/std@0.200.0/http/file_server.ts | deno run -A https://evil/x.ts
other /usr/bin/dotnet | dotnet run --project /srv/a/shop.csproj | dotnet run --project /srv/b/evil.csproj
other /usr/bin/dotnet | dotnet --roll-forward Major /srv/a/Shop.dll | dotnet --roll-forward Major /srv/a/Evil.dll
same /usr/bin/dotnet | dotnet exec /srv/a/Shop.dll | dotnet /srv/a/Shop.dll
other /usr/bin/dotnet | dotnet exec --depsfile x /srv/a/Shop.dll | dotnet exec --depsfile x /srv/a/Evil.dll
other /usr/bin/dotnet | dotnet watch --project /srv/a run | dotnet watch --project /srv/b run
other /usr/bin/guile-3.0 | guile -e main -s /srv/a.scm | guile --no-auto-compile /srv/b.scm
same /usr/bin/ipython3 | ipython3 x | ipython3 x
other /usr/bin/java | java -cp /srv/a.jar Main | java -cp /srv/evil.jar Main
other /usr/bin/java | java -p mods -m a/com.Main | java -p mods -m a/com.Evil
other /usr/bin/java | java -cp /usr/share/jruby.jar org.jruby.Main /srv/a.rb | java -cp /usr/share/jruby.jar org.jruby.Main /srv/b.rb
same /usr/bin/java | java -p mods --module=a/com.Main | java -p mods -m a/com.Main
other /usr/bin/java | java -cp x scala.tools.nsc.MainGenericRunner -howtorun:jar /srv/a.jar | java -cp x scala.tools.nsc.MainGenericRunner -howtorun:jar /srv/b.jar
other /usr/bin/java | java -Dcatalina.base=/srv/shop -classpath /t/bootstrap.jar org.apache.catalina.startup.Bootstrap start | java -Dcatalina.base=/srv/evil -classpath /t/bootstrap.jar org.apache.catalina.startup.Bootstrap start
same /usr/bin/java | java -Xmx1g -jar /srv/a/app.jar | java -Xmx2g -Dx=y -jar /srv/a/app.jar
other /usr/bin/java | java -cp /srv/shop.jar org.springframework.boot.loader.JarLauncher | java -cp /srv/evil.jar org.springframework.boot.loader.JarLauncher
other /usr/bin/java | java @/srv/a/args.txt | java @/srv/b/args.txt
other /usr/bin/java | java -Xmx1g -jar /srv/a/app.jar | java -Xmx1g -jar /srv/a/evil.jar
other /usr/bin/java | java -cp clojure.jar clojure.main -m shop | java -cp clojure.jar clojure.main -m evil
same /usr/bin/java | java -jar /srv/a/app.jar --server.port=1 | java -jar /srv/a/app.jar --server.port=2
same /usr/bin/java | java -javaagent:/x.jar -jar /srv/a/app.jar | java -jar /srv/a/app.jar
same /usr/bin/java | java -cp /srv/app-1.2.jar:/srv/lib-3.jar Main | java -cp /srv/app-1.3.jar:/srv/lib-4.jar Main
other /usr/bin/java | java -Djetty.base=/srv/shop -jar /srv/a/app.jar | java -Djetty.base=/srv/evil -jar /srv/a/app.jar
other /usr/bin/java | java @/srv/a/args.txt com.Main | java @/srv/a/args.txt com.Evil
same /usr/bin/julia | julia --project=. -O3 /srv/a/x.jl | julia /srv/a/x.jl
other /usr/bin/julia | julia --project=/srv/a -e using~Shop;~serve() | julia --project=/srv/a -e using~Evil;~serve()
other /usr/bin/ld-linux-x86-64.so.2 | ld.so /srv/x/app | ld.so /srv/x/evil
other /usr/bin/lua5.4 | lua -l x /srv/a.lua | lua /srv/b.lua
same /usr/bin/mono-sgen | mono --server --runtime=v4.0 /srv/a/Shop.exe | mono /srv/a/Shop.exe
other /usr/bin/mono-sgen | /usr/bin/mono --debug /srv/a/Shop.exe | /usr/bin/mono --debug /srv/a/Evil.exe
other /usr/bin/mono-sgen | mono /usr/lib/mono/4.5/xsp4.exe --root /srv/a | mono /usr/lib/mono/4.5/xsp4.exe --root /srv/b
other /usr/bin/node | node /srv/a/node_modules/.bin/ts-node src/app.ts | node /srv/a/node_modules/.bin/ts-node src/evil.ts
other /usr/bin/node | node --run start | node --run evil
other /usr/bin/node | node --import tsx /srv/a/app.js | node --import tsx /srv/b/other.js
other /usr/bin/node | node /srv/a/node_modules/.bin/nodemon src/app.js | node /srv/a/node_modules/.bin/nodemon src/evil.js
same /usr/bin/node | node --inspect=0.0.0.0:9229 /srv/a/app.js | node --max-old-space-size=4096 /srv/a/app.js
other /usr/bin/node | node /usr/bin/npx serve | node /usr/bin/npx evil
other /usr/bin/node | node /srv/a/node_modules/.bin/next start | node /srv/b/node_modules/.bin/next start
other /usr/bin/node | node /usr/bin/npm --prefix /srv/a start | node /usr/bin/npm --prefix /srv/b start
same /usr/bin/node | node --require /srv/a/reg.js /srv/a/app.js | node /srv/a/app.js
same /usr/bin/node | node /srv/a/node_modules/.pnpm/next@13.1.0_abc/node_modules/next/dist/bin/next start | node /srv/a/node_modules/.pnpm/next@14.2.0_react@18.0.0/node_modules/next/dist/bin/next start
other /usr/bin/node | npm~run~start | npm~run~evil
same /usr/bin/node | node /usr/lib/node_modules/pm2/lib/ProcessContainerFork.js | node /usr/lib/node_modules/pm2/lib/ProcessContainerFork.js
other /usr/bin/node | node~/srv/a/app.js | node~/srv/b/evil.js
same /usr/bin/node | node --max_old_space_size /srv/a/app.js | node /srv/a/app.js
same /usr/bin/node | node --env-file=.env /srv/a/app.js | node --env-file b.env /srv/a/app.js
other /usr/bin/node | node /srv/a/node_modules/.bin/tsx src/app.ts | node /srv/a/node_modules/.bin/tsx src/evil.ts
other /usr/bin/node | node /usr/lib/node_modules/npm/bin/npm-cli.js start | node /usr/lib/node_modules/npm/bin/npm-cli.js run evil
other /usr/bin/node | node /usr/lib/node_modules/npm/bin/npm-cli.js run serve | node /usr/lib/node_modules/npm/bin/npm-cli.js run evil
other /usr/bin/node | node --watch /srv/a/app.js | node --watch /srv/b/other.js
other /usr/bin/node | node -r dotenv/config /srv/a/app.js | node -r dotenv/config /srv/b/other.js
same /usr/bin/perl | perl /srv/a/app.pl daemon -l x | perl /srv/a/app.pl daemon
other /usr/bin/perl | perl /usr/bin/starman --port 80 /srv/a.psgi | perl /usr/bin/starman /srv/b.psgi
other /usr/bin/perl | perl /usr/bin/plackup -a /srv/a.psgi | perl /usr/bin/plackup -a /srv/b.psgi
other /usr/bin/perl | perl /usr/bin/hypnotoad /srv/a.pl | perl /usr/bin/hypnotoad /srv/b.pl
same /usr/bin/perl5.36.0 | perl -I/lib -w /srv/a.pl | perl -T /srv/a.pl
other /usr/bin/php-fpm8.2 | php-fpm8.2 -F -y /srv/a.conf | php-fpm8.2 -F -y /srv/b.conf
same /usr/bin/php-fpm8.2 | php-fpm8.2 --nodaemonize --fpm-config /srv/a.conf | php-fpm:~master~process~(/srv/a.conf)
other /usr/bin/php-fpm8.2 | php-fpm:~pool~www | php-fpm:~pool~evil
other /usr/bin/php8.2 | php -S 0:80 -t /srv/a | php -S 0:80 -t /srv/b
same /usr/bin/php8.2 | php -d x=1 -f /srv/a/index.php | php /srv/a/index.php
other /usr/bin/php8.2 | php /srv/a/artisan serve | php /srv/b/artisan serve
other /usr/bin/php8.2 | php -S 0:80 /srv/a/index.php | php -S 0:80 /srv/a/evil.php
other /usr/bin/pypy3.9 | pypy3 /srv/a/app.py | pypy3 /srv/a/evil.py
other /usr/bin/python3.11 | python3 -m daphne -b :: shop:app | python3 -m daphne evil:app
other /usr/bin/python3.11 | python3 -m flask --app shop run | python3 -m flask --app evil run
same /usr/bin/python3.11 | python3 /srv/venv/bin/gunicorn -c /srv/a/cfg.py shop:app | python3 /srv/venv/bin/gunicorn -w 4 shop:app
other /usr/bin/python3.11 | python3 /srv/venv/bin/flask --app shop run --port 80 | python3 /srv/venv/bin/flask -A evil run
other /usr/bin/python3.11 | python3 /srv/venv/bin/gunicorn -c /srv/a/cfg.py | python3 /srv/venv/bin/gunicorn -c /srv/b/cfg.py
same /usr/bin/python3.11 | python3 /srv/venv/bin/uvicorn --reload --host :: shop:app | python3 /srv/venv/bin/uvicorn shop:app --host ::
other /usr/bin/python3.11 | python3 /srv/venv/bin/fastapi run shop.py | python3 /srv/venv/bin/fastapi run evil.py
same /usr/bin/python3.11 | python3 /srv/venv/bin/gunicorn --preload --reload shop:app | python3 /srv/venv/bin/gunicorn shop:app --preload
same /usr/bin/python3.11 | python3 /srv/rel/20261101/venv/bin/gunicorn app:app | python3 /srv/rel/20261130/venv/bin/gunicorn app:app
same /usr/bin/python3.11 | python3 /srv/a/manage.py runserver 0.0.0.0:80 | python3 /srv/a/manage.py runserver 0.0.0.0:81 --noreload
same /usr/bin/python3.11 | python3 /srv/venv/bin/hypercorn -c x.toml shop:app | python3 /srv/venv/bin/hypercorn shop:app
other /usr/bin/python3.11 | python3 /srv/venv/bin/gunicorn --chdir /srv/a app:app | python3 /srv/venv/bin/gunicorn --chdir /srv/b app:app
same /usr/bin/python3.11 | python3 /srv/venv/bin/uvicorn --factory shop:create --port 1 | python3 /srv/venv/bin/uvicorn shop:create --factory
same /usr/bin/python3.11 | python3 /srv/venv/bin/jupyter-lab --port 80 | python3 /srv/venv/bin/jupyter-lab
same /usr/bin/python3.11 | python3 /srv/pkg | python3 /srv/pkg/__main__.py
same /usr/bin/python3.11 | python3 -m gunicorn shop:app | python3 /srv/venv/bin/gunicorn shop:app
other /usr/bin/python3.11 | python3 /srv/venv/bin/uvicorn --app-dir /srv/a app:app | python3 /srv/venv/bin/uvicorn --app-dir /srv/b app:app
other /usr/bin/python3.11 | python3 /srv/venv/bin/gunicorn shop:create_app() | python3 /srv/venv/bin/gunicorn shop:create_app('x')
other /usr/bin/python3.11 | python3 /srv/venv/bin/twistd -ny /srv/shop.tac | python3 /srv/venv/bin/twistd -ny /srv/evil.tac
other /usr/bin/python3.11 | python3 /srv/venv/bin/django-admin runserver --settings shop.s | python3 /srv/venv/bin/django-admin runserver --settings evil.s
other /usr/bin/python3.11 | myapp /srv/a/app.py | myapp /srv/a/evil.py
other /usr/bin/python3.11 | python3 -X dev /srv/a/app.py | python3 -Xdev /srv/a/evil.py
other /usr/bin/python3.11 | python3 -c a | python3 -uc b
other /usr/bin/python3.11 | python3 /usr/bin/poetry run shop | python3 /usr/bin/poetry run evil
same /usr/bin/python3.11 | python3 /srv/venv/bin/flask --app shop run --port 80 | python3 /srv/venv/bin/flask --app=shop run
same /usr/bin/python3.11 | python3 /srv/venv/bin/celery --app=shop worker | python3 /srv/venv/bin/celery -A shop worker
same /usr/bin/python3.11 | python3 /srv/venv/bin/celery -A shop worker -Q a | python3 /srv/venv/bin/celery -A shop flower
same /usr/bin/python3.11 | python3 -u /srv/a/app.py | python3 -B -W ignore /srv/a/app.py
other /usr/bin/python3.11 | python3 -m streamlit run shop.py | python3 -m streamlit run evil.py
other /usr/bin/python3.11 | python3 /srv/venv/bin/gunicorn --config=/srv/a/cfg.py shop:app | python3 /srv/venv/bin/gunicorn --config=/srv/a/cfg.py evil:app
same /usr/bin/python3.11 | python3 -mhttp.server | python3 -um http.server
other /usr/bin/python3.11 | python3 /srv/venv/bin/uvicorn --proxy-headers --no-access-log --timeout-worker-healthcheck 5 shop:app | python3 /srv/venv/bin/uvicorn evil:app
same /usr/bin/python3.11 | myapp /srv/a/app.py | python3 /srv/a/app.py
other /usr/bin/python3.11 | python3 -m gunicorn.app.wsgiapp shop:app | python3 -m gunicorn.app.wsgiapp evil:app
other /usr/bin/python3.11 | python3 /srv/venv/bin/uvicorn --factory shop:create | python3 /srv/venv/bin/uvicorn --factory evil:create
same /usr/bin/python3.11 | python3 /srv/venv/bin/gunicorn --no-sendfile --keep-alive=5 --statsd-host x shop:app | python3 /srv/venv/bin/gunicorn shop:app
other /usr/bin/python3.11 | python3 /srv/venv/bin/celery worker --app=shop | python3 /srv/venv/bin/celery worker -A evil
other /usr/bin/python3.11 | python3 /srv/a/manage.py runserver 0.0.0.0:80 | python3 /srv/b/manage.py runserver 0.0.0.0:80
other /usr/bin/python3.11 | python3 /srv/venv/bin/streamlit run --server.port 80 shop.py | python3 /srv/venv/bin/streamlit run evil.py
same /usr/bin/python3.11 | python3 -uc a | python3 -c a
other /usr/bin/python3.11 | python3 /srv/venv/bin/gunicorn -c /srv/a/cfg.py shop:app | python3 /srv/venv/bin/gunicorn -c /srv/a/cfg.py evil:app
same /usr/bin/python3.11 | python3 -c from~multiprocessing.spawn~import~spawn_main;~spawn_main(tracker_fd=5,~pipe_handle=7) --multiprocessing-fork | python3 -c from~multiprocessing.spawn~import~spawn_main;~spawn_main(tracker_fd=6,~pipe_handle=9) --multiprocessing-fork
other /usr/bin/python3.11-dbg | pypy3 /srv/a/app.py | pypy3 /srv/a/evil.py
other /usr/bin/python3.11d | p /srv/a/app.py | p /srv/a/evil.py
same /usr/bin/qemu-system-x86_64 | q -drive file=/iso/debian.iso,media=cdrom -hda /vm/web.img | q -hda /vm/web.img
same /usr/bin/qemu-system-x86_64 | q -name guest=web,debug-threads=on -blockdev {"driver":"file","filename":"/vm/web.qcow2","node-name":"libvirt-1-storage","cache":{"direct":true}} | q -name guest=web,debug-threads=on -blockdev {"driver":"file","filename":"/vm/web.qcow2","node-name":"libvirt-2-storage"}
other /usr/bin/qemu-system-x86_64 | q -name guest=web,debug-threads=on -blockdev {"driver":"file","filename":"/usr/share/OVMF/OVMF_CODE.fd","node-name":"libvirt-pflash0-storage","read-only":true} -blockdev {"driver":"file","filename":"/vm/web.qcow2","node-name":"libvirt-1-storage"} | q -name guest=evil,debug-threads=on -blockdev {"driver":"file","filename":"/usr/share/OVMF/OVMF_CODE.fd","node-name":"libvirt-pflash0-storage","read-only":true} -blockdev {"driver":"file","filename":"/vm/evil.qcow2","node-name":"libvirt-1-storage"}
other /usr/bin/qemu-system-x86_64 | q -m 1G /vm/web.img | q -m 1G /vm/evil.img
other /usr/bin/qemu-system-x86_64 | q -drive file=/usr/share/OVMF/OVMF_CODE.fd,if=pflash,readonly=on -drive file=/vm/web.qcow2 | q -drive file=/usr/share/OVMF/OVMF_CODE.fd,if=pflash,readonly=on -drive file=/vm/evil.qcow2
other /usr/bin/qemu-system-x86_64 | q -drive if=virtio,file=/vm/web.qcow2 | q -drive if=virtio,file=/vm/evil.qcow2
same /usr/bin/qemu-system-x86_64 | q -hda /vm/web.img | q -drive file=/vm/web.img
same /usr/bin/qemu-system-x86_64 | q -drive file=/vm/web.qcow2,if=virtio,cache=none | q -drive if=virtio,file=/vm/web.qcow2
other /usr/bin/ruby3.1 | puma:~cluster~worker~0:~123~[shop] | puma:~cluster~worker~0:~456~[evil]
other /usr/bin/ruby3.1 | Passenger~RubyApp:~/srv/shop | Passenger~RubyApp:~/srv/evil
other /usr/bin/ruby3.1 | ruby /usr/bin/puma -C /srv/a/puma.rb | ruby /usr/bin/puma -C /srv/b/puma.rb
other /usr/bin/ruby3.1 | ruby /usr/bin/bundle exec rails s | ruby /usr/bin/bundle exec evil
same /usr/bin/ruby3.1 | ruby -rbundler/setup /srv/a/x.rb | ruby /srv/a/x.rb
other /usr/bin/ruby3.1 | ruby /usr/bin/unicorn -c /srv/a/u.rb | ruby /usr/bin/unicorn -D -c /srv/b/u.rb
same /usr/bin/ruby3.1 | puma~5.6.5~(tcp://0.0.0.0:80)~[shop] | puma~6.0.0~(tcp://0.0.0.0:80,ssl://x)~[shop]
other /usr/bin/ruby3.1 | ruby -Ilib /srv/a/x.rb | ruby -I lib /srv/a/y.rb
other /usr/bin/tclsh8.6 | tclsh /srv/a.tcl | tclsh /srv/b.tcl
other /usr/bin/toybox | toybox httpd | toybox nc
other /usr/bin/uwsgi | uwsgi --http :80 --module shop:app | uwsgi --http :80 --module evil:app
other /usr/bin/uwsgi | uwsgi --ini /srv/shop.ini | uwsgi --ini /srv/evil.ini
other /usr/bin/uwsgi-core | uwsgi -s :80 -w shop:app | uwsgi -s :80 -w evil:app
other /usr/bin/wine-preloader | /usr/bin/wine shop.exe | /usr/bin/wine evil.exe
same /usr/bin/wine64-preloader | C:\a\shop.exe -x | C:\a\shop.exe
other /usr/bin/wine64-preloader | C:\a\shop.exe | C:\a\evil.exe
)";

// As the recorder tells it: of a file its place.
Owner owner_of(const std::string& program, std::istringstream& words) {
  Owner owner;
  owner.program = Program();
  owner.program->path = program;
  std::string line;
  for (std::string word; words >> word && word != "|";) {
    for (const char c : word) {
      line.push_back(c == '~' ? ' ' : c);
    }
    line.push_back('\0');
  }
  const App app = find_app(program, line);
  if (app.kind == App::Kind::File) {
    owner.script = app.text;
  }
  owner.command_line = std::move(line);
  return owner;
}

}  // namespace

TEST_CASE("app: two command lines of one program") {
  std::istringstream table{std::string(kTable)};
  int rows = 0;
  for (std::string row; std::getline(table, row);) {
    if (row.empty()) {
      continue;
    }
    INFO(row);
    std::istringstream words(row);
    std::string expected;
    std::string program;
    std::string bar;
    words >> expected >> program >> bar;
    const Owner before = owner_of(program, words);
    const Owner after = owner_of(program, words);
    REQUIRE((expected == "same" || expected == "other"));
    CHECK(may_be_same_app(before, after) == (expected == "same"));
    CHECK(may_be_same_app(after, before) == (expected == "same"));
    CHECK(may_be_same_app(before, before));
    ++rows;
  }
  CHECK(rows > 100);
}
