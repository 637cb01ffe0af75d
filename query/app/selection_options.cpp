#include "query/app/selection_options.h"

#include <CLI/CLI.hpp>

namespace sockwitness::query {
namespace {

void add_list(CLI::App& app,
              const char* name,
              std::vector<std::string>& target,
              const char* help,
              const char* type) {
  app.add_option(name, target, help)
      ->type_name(type)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

}  // namespace

void add_selection(CLI::App& app, SelectionOptions& select) {
  app.add_flag("-a,--all", select.all, "all states, bound sockets that do nothing as well");
  app.add_flag("-l,--listening", select.listening, "listening sockets only");
  app.add_flag("-t,--tcp", select.tcp, "TCP");
  app.add_flag("-u,--udp", select.udp, "UDP");
  app.add_flag("-w,--raw", select.raw, "raw");
  app.add_flag("-x,--unix", select.unix_domain, "unix");
  app.add_flag("-4,--ipv4", select.only_v4, "IPv4 only");
  app.add_flag("-6,--ipv6", select.only_v6, "IPv6 only");
  add_list(app,
           "-A,--query",
           select.tables,
           "socket tables as in ss: all, inet, tcp, udp, packet, …",
           "LIST");
  add_list(app, "--state", select.states, "a state in netstat's or ss's words", "WORD");
  add_list(app, "--port", select.ports, "either end: 443, 8000-8099 or a name", "PORT");
  add_list(app, "--pid", select.pids, "held by this process", "PID");
  add_list(
      app, "--program", select.programs, "part of, or pattern for, name, path or script", "TEXT");
  add_list(app, "--user", select.users, "of this user, by name or number", "USER");
  add_list(app, "--unit", select.units, "held by this unit", "UNIT");
  add_list(app, "--container", select.containers, "held in this container", "ID");
  add_list(app, "--netns", select.namespaces, "in this network namespace", "LABEL");
  add_list(app,
           "--remote",
           select.remote,
           "other end: address or prefix, with or without :port",
           "ADDRESS");
  add_list(app,
           "--local-address",
           select.local,
           "own end: address or prefix, with or without :port",
           "ADDRESS");
}

}  // namespace sockwitness::query
