#include "schema/view/runtime.h"

#include <algorithm>
#include <array>

#include "schema/base/scan.h"

namespace sockwitness::schema {
namespace {

// Source: each runtime's manual page, as of Debian 12; of those that Debian has not, their own
// help.
constexpr std::array<Runtime, 23> kRuntimes = {{
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
     .words = true,
     .suffixes = ".ts .js .mjs .mts .tsx .jsx"},
    {.names = "bun",
     .short_code = "ep",
     .long_code = "--eval --print",
     .short_value = "rc",
     .long_value = "--preload --config --cwd --port --env-file",
     .subcommands = "run"},
    {.names = "php php-cgi phpdbg",
     .short_code = "rRBE",
     .long_code = "--run --process-code --process-begin --process-end",
     .short_script = "fF",
     .long_script = "--file --process-file",
     .short_value = "Stcdzbp",
     .long_value = "--server --docroot --php-ini --define --zend-extension --bindpath"},
    {.names = "php-fpm", .named_only = true},
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
     .bare_is_name = true},
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
     .suffixes = ".dll .exe"},
    {.names = "mono mono-sgen",
     .long_value = "--config --runtime",
     .words = true,
     .suffixes = ".exe .dll"},
    // Every program of a release starts "elixir" as well.
    {.names = "beam.smp erl erlexec",
     .long_module = "-s -run -boot",
     .subcommands = "elixir",
     .words = true,
     .whole_line = true},
    {.names = "qemu-system-x86_64 qemu-system-i386 qemu-system-aarch64 qemu-system-arm "
              "qemu-system-ppc64 qemu-system-s390x qemu-system-riscv64 qemu-kvm kvm",
     .long_module = "-drive -blockdev -hda -cdrom -kernel -name",
     .words = true,
     .whole_line = true},
    {.names = "wine wine64 wine-preloader wine64-preloader",
     .words = true,
     .bare_is_name = true,
     .suffixes = ".exe .EXE",
     .by_own_name = true},
}};

// Source: each launcher's own help.
constexpr std::array<Runtime, 13> kLaunchers = {{
    {.names = "gunicorn",
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
     .bare_is_name = true},
    {.names = "uvicorn",
     .long_value = "--host --port --uds --fd --reload-dir --reload-include --reload-exclude "
                   "--reload-delay --workers --loop --http --ws --ws-max-size --ws-max-queue "
                   "--ws-ping-interval --ws-ping-timeout --lifespan --interface --env-file "
                   "--log-config --log-level --forwarded-allow-ips --root-path --limit-concurrency "
                   "--backlog --limit-max-requests --timeout-keep-alive "
                   "--timeout-graceful-shutdown --ssl-keyfile --ssl-certfile "
                   "--ssl-keyfile-password --ssl-version --ssl-cert-reqs --ssl-ca-certs "
                   "--ssl-ciphers --header --app-dir --h11-max-incomplete-event-size",
     .bare_is_name = true},
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
    {.names = "celery flask", .short_module = "A", .long_module = "--app", .named_only = true},
    {.names = "streamlit", .subcommands = "run"},
    {.names = "puma",
     .short_value = "bCetwp",
     .long_value = "--bind --config --environment --threads --workers --port --pidfile --dir"},
    {.names = "unicorn unicorn_rails thin rackup",
     .short_script = "cRC",
     .long_script = "--config-file --rackup --config",
     .short_value = "EloPpeasS",
     .long_value = "--env --listen --host --path --port --environment --address --server"},
    {.names = "bundle bundler", .subcommands = "exec", .bare_is_name = true},
    {.names = "npm yarn pnpm", .subcommands = "run run-script exec", .bare_is_name = true},
    {.names = "pm2", .subcommands = "start runtime start-runtime"},
}};

// Source: the programs' own calls of setproctitle and their like.
constexpr std::array<TitleForm, 11> kTitleForms = {{
    {"gunicorn", "gunicorn: master ", "[", "]"},
    {"gunicorn", "gunicorn: worker ", "[", "]"},
    {"php-fpm", "php-fpm: pool ", "", ""},
    {"php-fpm", "php-fpm: master process ", "(", ")"},
    {"puma", "puma ", "[", "]"},
    {"puma", "puma: ", "[", "]"},
    {"unicorn", "unicorn master ", "", ""},
    {"unicorn", "unicorn worker[", "] ", ""},
    {"passenger", "Passenger ", ": ", ""},
    {"npm", "npm ", "", ""},
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
