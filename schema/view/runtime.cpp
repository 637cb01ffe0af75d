#include "schema/view/runtime.h"

#include <algorithm>
#include <array>

#include "schema/base/scan.h"

namespace sockwitness::schema {
namespace {

// Source: each runtime's manual page, as of Debian 12; of those that Debian has not, their own
// help.
constexpr std::array<Runtime, 27> kRuntimes = {{
    {.names = "python pypy",
     .short_code = "c",
     .short_module = "m",
     .short_value = "WXQ",
     .long_value = "--check-hash-based-pycs"},
    {.names = "perl", .short_code = "eE", .short_value = "I", .short_rest = "CDFMdimVx"},
    {.names = "ruby",
     .short_code = "e",
     .short_value = "IrCXE",
     .long_value = "--encoding --external-encoding --internal-encoding --enable --disable",
     .short_rest = "0FKTWix"},
    {.names = "node nodejs",
     .short_code = "ep",
     .long_code = "--eval --print",
     .long_input = "--interactive",
     .short_value = "rC",
     .long_value = "--require --import --loader --experimental-loader --conditions --input-type "
                   "--title --icu-data-dir --openssl-config --diagnostic-dir --env-file "
                   "--inspect-port --debug-port --max-http-header-size --redirect-warnings "
                   "--report-directory --report-filename --trace-event-categories "
                   "--unhandled-rejections --dns-result-order --disable-warning",
     .subcommands = "inspect debug"},
    {.names = "deno",
     .long_value = "--config -c --import-map --lock --cert --location --seed --port --host "
                   "--log-level -L --env-file --unstable-kv",
     .subcommands = "run serve",
     .name_commands = "task",
     .code_commands = "eval",
     .words = true,
     .suffixes = ".ts .js .mjs .mts .tsx .jsx"},
    {.names = "bun",
     .short_code = "ep",
     .long_code = "--eval --print",
     .short_value = "rc",
     .long_value = "--preload --config --cwd --port --env-file",
     .subcommands = "run",
     .name_commands = "x",
     .long_place = "--cwd"},
    {.names = "php php-cgi phpdbg",
     .short_code = "rRBE",
     .long_code = "--run --process-code --process-begin --process-end",
     .short_script = "fF",
     .long_script = "--file --process-file",
     .short_value = "Stcdzbp",
     .long_value = "--server --docroot --php-ini --define --zend-extension --bindpath",
     .long_fallback = "-t --docroot"},
    {.names = "php-fpm", .named_only = true, .long_fallback = "-y --fpm-config"},
    {.names = "sh dash bash bash-static rbash zsh zsh-static ksh mksh lksh ash static-sh",
     .short_code = "c",
     .flags_after_code = true,
     .short_input = "s",
     .long_value = "--rcfile --init-file",
     .short_next = "oO",
     .plus_options = true},
    {.names = "fish",
     .short_code = "c",
     .long_code = "--command",
     .short_value = "Cdo",
     .long_value = "--init-command --debug --debug-output --features"},
    {.names = "lua luajit", .short_code = "e", .file_after_code = true, .short_value = "ljbO"},
    {.names = "tclsh wish",
     .long_value = "-encoding -display -name -geometry -colormap -use -visual",
     .words = true},
    // Rscript replaces itself by R, which it tells the script by an option.
    {.names = "R",
     .short_code = "e",
     .long_input = "--args",
     .short_script = "f",
     .long_script = "--file",
     .short_value = "gd",
     .long_value = "--gui --debugger --encoding",
     .named_only = true},
    {.names = "Rscript", .short_code = "e"},
    {.names = "java",
     .long_module = "-m --module",
     .long_script = "-jar",
     .long_value = "-cp -classpath --class-path -p --module-path --upgrade-module-path "
                   "--add-modules --add-reads --add-exports --add-opens --limit-modules "
                   "--patch-module --enable-native-access --source -d --describe-module",
     .words = true,
     .argument_files = true,
     .bare_is_name = true,
     .long_place = "-Dcatalina.base= -Djetty.base= -Dkaraf.base= -Djboss.server.base.dir= -cp "
                   "-classpath --class-path"},
    {.names = "expect", .short_code = "c", .short_script = "fb", .short_value = "D"},
    {.names = "guile",
     .short_code = "c",
     .short_script = "s",
     .short_value = "lLCex",
     .long_value = "--listen"},
    {.names = "julia",
     .short_code = "eE",
     .long_code = "--eval --print",
     .short_module = "m",
     .long_module = "--module",
     .short_value = "LpCtJH",
     .long_value = "--load --procs --cpu-target --threads --sysimage --home --project"},
    {.names = "dotnet",
     .long_value = "--fx-version --runtimeconfig --depsfile --additionalprobingpath "
                   "--additional-deps --roll-forward --roll-forward-on-no-candidate-fx",
     .subcommands = "exec",
     .words = true,
     .suffixes = ".dll .exe",
     .long_fallback = "--project -p"},
    {.names = "mono mono-sgen",
     .long_value = "--config --runtime",
     .words = true,
     .suffixes = ".exe .dll"},
    // Every program of a release starts "elixir" as well, and many start parts of the language.
    {.names = "beam.smp erl erlexec",
     .long_module = "-s -run -boot -extra -eval",
     .subcommands = "elixir crypto inets kernel logger observer reloader sasl ssl",
     .words = true,
     .whole_line = true},
    {.names = "qemu-system-x86_64 qemu-system-i386 qemu-system-aarch64 qemu-system-arm "
              "qemu-system-ppc64 qemu-system-s390x qemu-system-riscv64 qemu-kvm kvm",
     .long_module = "-drive -blockdev -hda -cdrom -kernel -name",
     .words = true,
     .suffixes = ".qcow2 .qcow .img .raw .vmdk .vdi",
     .whole_line = true,
     .disks = true},
    {.names = "uwsgi uwsgi-core",
     .long_module = "--module -w --wsgi --wsgi-file --file --psgi --rack --ini --yaml --json --xml "
                    "-x --emperor",
     .words = true,
     .suffixes = ".ini .yaml .yml .json .xml",
     .whole_line = true,
     .long_place = "--chdir --pythonpath"},
    // The loader as a program of its own.
    {.names = "ld-linux-x86-64.so.2 ld-linux-aarch64.so.1 ld-linux-armhf.so.3 ld-linux.so.2 "
              "ld-musl-x86_64.so.1 ld-musl-aarch64.so.1",
     .long_value =
         "--library-path --preload --argv0 --audit --inhibit-rpath --glibc-hwcaps-prepend "
         "--glibc-hwcaps-mask",
     .words = true},
    {.names = "busybox busybox.static toybox", .applets = true},
    {.names = "wine wine64 wine-preloader wine64-preloader",
     .words = true,
     .bare_is_name = true,
     .suffixes = ".exe .EXE",
     .by_own_name = true},
    {.names = "ipython",
     .short_code = "c",
     .short_module = "m",
     .long_value = "--profile --ipython-dir --colors --gui --ext"},
}};

// Source: each launcher's own help.
constexpr std::array<Runtime, 21> kLaunchers = {{
    {.names = "gunicorn gunicorn.app.wsgiapp",
     .short_value = "cbkwpugmte",
     .long_value =
         "--config --bind --backlog --workers --worker-class --threads --worker-connections "
         "--max-requests --max-requests-jitter --timeout --graceful-timeout --keep-alive "
         "--limit-request-line --limit-request-fields --limit-request-field_size --chdir --env "
         "--pid --worker-tmp-dir --user --group --umask --access-logfile --access-logformat "
         "--error-logfile --log-file --log-level --logger-class --log-config --log-config-json "
         "--syslog-prefix --syslog-facility --statsd-host --statsd-prefix --dogstatsd-tags --name "
         "--pythonpath --paste --forwarded-allow-ips --keyfile --certfile --ssl-version "
         "--cert-reqs --ca-certs --ciphers --proxy-allow-from --log-syslog-to --reload-engine "
         "--reload-extra-file",
     .bare_is_name = true,
     .long_fallback = "-c --config",
     .long_place = "--chdir --pythonpath"},
    {.names = "uvicorn",
     .long_value = "--host --port --uds --fd --reload-dir --reload-include --reload-exclude "
                   "--reload-delay --workers --loop --http --ws --ws-max-size --ws-max-queue "
                   "--ws-ping-interval --ws-ping-timeout --lifespan --interface --env-file "
                   "--log-config --log-level --forwarded-allow-ips --root-path --limit-concurrency "
                   "--backlog --limit-max-requests --timeout-keep-alive "
                   "--timeout-graceful-shutdown --ssl-keyfile --ssl-certfile "
                   "--ssl-keyfile-password --ssl-version --ssl-cert-reqs --ssl-ca-certs "
                   "--ssl-ciphers --header --app-dir --h11-max-incomplete-event-size "
                   "--timeout-worker-healthcheck --date-header --server-header",
     .bare_is_name = true,
     .long_place = "--app-dir"},
    {.names = "hypercorn",
     .short_value = "bckgmpuw",
     .long_value = "--access-logfile --access-logformat --backlog --bind --ca-certs --certfile "
                   "--cert-reqs --ciphers --config --error-logfile --graceful-timeout --group "
                   "--keep-alive --keyfile --log-config --log-level --max-requests --insecure-bind "
                   "--pid --quic-bind --root-path --statsd-host --statsd-prefix --umask --user "
                   "--worker-class --workers --worker-connections",
     .bare_is_name = true},
    {.names = "daphne",
     .short_value = "pbuev",
     .long_value = "--port --bind --unix-socket --fd --endpoint --verbosity --http-timeout "
                   "--access-log --log-fmt --ping-interval --ping-timeout --root-path",
     .bare_is_name = true},
    {.names = "waitress-serve",
     .long_value = "--listen --host --port --unix-socket --threads --call --url-prefix",
     .bare_is_name = true},
    {.names = "granian",
     .long_value = "--host --port --interface --workers --loop --log-level",
     .bare_is_name = true},
    {.names = "celery flask",
     .short_module = "A",
     .long_module = "--app",
     .named_only = true,
     .long_place = "--workdir"},
    {.names = "streamlit",
     .long_value = "--server.port --server.address --server.headless --server.baseUrlPath "
                   "--logger.level --theme.base",
     .subcommands = "run"},
    {.names = "fastapi sanic",
     .long_value = "--host --port --app --root-path",
     .subcommands = "run dev"},
    {.names = "django-admin manage", .named_only = true, .long_place = "--settings --pythonpath"},
    {.names = "twistd",
     .short_script = "yfs",
     .long_script = "--python --file --source",
     .short_value = "lgupr",
     .long_value = "--logfile --pidfile --uid --gid --umask --rundir --logger",
     .bare_is_name = true,
     .long_place = "--wsgi --path --class"},
    {.names = "poetry pipenv pdm hatch", .subcommands = "run", .bare_is_name = true},
    {.names = "puma",
     .short_value = "bCetwp",
     .long_value = "--bind --config --environment --threads --workers --port --pidfile --dir",
     .long_fallback = "-C --config",
     .long_place = "--dir"},
    {.names = "unicorn unicorn_rails thin rackup",
     .short_script = "cRC",
     .long_script = "--config-file --rackup --config",
     .short_value = "EloPpeasS",
     .long_value = "--env --listen --host --path --port --environment --address --server"},
    {.names = "bundle bundler", .subcommands = "exec", .bare_is_name = true},
    {.names = "plackup starman twiggy hypnotoad morbo starlet",
     .short_script = "a",
     .long_script = "--app",
     .short_value = "lpDEsRIeMo",
     .long_value = "--listen --port --host --server --workers --env --user --group --pid "
                   "--max-requests --backlog --error-log --access-log --loader"},
    {.names = "npm yarn yarnpkg pnpm npx npm-cli npx-cli",
     .short_value = "CwFp",
     .long_value = "--prefix --dir --cwd --workspace --filter --package --loglevel",
     .subcommands = "run run-script exec dlx workspace",
     .bare_is_name = true,
     .long_place = "--prefix -C --dir --cwd"},
    {.names = "ts-node ts-node-dev tsx nodemon nodemon-bin forever",
     .short_value = "PRrCOIweTdo",
     .long_value = "--project --require --compiler-options --watch --exec --ext --ignore --delay "
                   "--tsconfig --import --loader",
     .subcommands = "watch start"},
    {.names = "pm2", .subcommands = "start runtime start-runtime"},
    {.names = "xsp fastcgi-mono-server mod-mono-server",
     .named_only = true,
     .long_place = "--root --applications --appconfigdir --appconfigfile"},
    // Languages that are classes of Java's machine.
    {.names = "org.jruby.Main clojure.main groovy.ui.GroovyMain scala.tools.nsc.MainGenericRunner "
              "org.python.util.jython",
     .short_code = "e",
     .short_module = "m",
     .short_value = "IriCS"},
}};

// Source: the programs' own calls of setproctitle and their like.
constexpr std::array<TitleForm, 15> kTitleForms = {{
    {"gunicorn", "gunicorn: master ", "[", "]"},
    {"gunicorn", "gunicorn: worker ", "[", "]"},
    {"php-fpm", "php-fpm: pool ", "", ""},
    {"php-fpm", "php-fpm: master process ", "(", ")"},
    {"puma", "puma ", "[", "]"},
    {"puma", "puma: ", "[", "]"},
    {"unicorn", "unicorn master ", "", ""},
    {"unicorn", "unicorn worker[", "] ", ""},
    {"passenger", "Passenger ", ": ", ""},
    {"celery", "[celeryd: ", "-A ", " "},
    {"npm", "npm run-script ", "", " "},
    {"npm", "npm run ", "", " "},
    {"npm", "npm exec ", "", " "},
    {"npm", "npm ", "", " "},
    {"", "node ", "", ""},
}};

// "", "3.11", "-2.1.0-beta3", "8.2": what may follow the name.
bool is_version(std::string_view text) {
  if (text.starts_with('-')) {
    text.remove_prefix(1);
    return !text.empty() && is_digit(text.front());
  }
  return text.empty() || is_digit(text.front());
}

template <std::size_t N>
const Runtime* find_row(const std::array<Runtime, N>& table, std::string_view base_name) {
  for (const Runtime& row : table) {
    for (std::string_view names = row.names; !names.empty();) {
      std::string_view rest = base_name;
      if (scan_literal(rest, scan_until(names, ' ')) && is_version(rest)) {
        return &row;
      }
    }
  }
  return nullptr;
}

}  // namespace

const Runtime* find_runtime(std::string_view base_name) {
  return find_row(kRuntimes, base_name);
}

const Runtime* find_launcher(std::string_view base_name) {
  for (const std::string_view end : {".js", ".cjs", ".mjs", ".py", ".exe"}) {
    if (base_name.ends_with(end)) {
      base_name.remove_suffix(end.size());
      break;
    }
  }
  return find_row(kLaunchers, base_name);
}

const TitleForm* find_title_form(std::string_view title) {
  const auto found =
      std::find_if(kTitleForms.begin(), kTitleForms.end(), [&](const TitleForm& form) {
        return title.starts_with(form.begin);
      });
  return found == kTitleForms.end() ? nullptr : &*found;
}

}  // namespace sockwitness::schema
