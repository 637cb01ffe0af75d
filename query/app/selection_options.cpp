#include "query/app/selection_options.h"

namespace sockwitness::query {

void add_selection(schema::Command command, SelectionOptions& select) {
  command.add_list("thing", select.things, "THING", "only this: see below");
  command.add_flag("-a,--all", select.all, "all states, bound sockets that do nothing as well");
  command.add_flag("-l,--listening", select.listening, "listening sockets only");
  command.add_flag("-t,--tcp", select.tcp, "TCP");
  command.add_flag("-u,--udp", select.udp, "UDP");
  command.add_flag("-w,--raw", select.raw, "raw");
  command.add_flag("-x,--unix", select.unix_domain, "unix");
  command.add_flag("-4,--ipv4", select.only_v4, "IPv4 only");
  command.add_flag("-6,--ipv6", select.only_v6, "IPv6 only");
  command.add_list("-A,--query",
                   select.tables,
                   "LIST",
                   "socket tables as in ss: all, inet, tcp, udp, packet, …");
  command.add_list("--state", select.states, "WORD", "a state in netstat's or ss's words");
  command.add_list("--port", select.ports, "PORT", "either end: 443, 8000-8099 or a name");
  command.add_list("--pid", select.pids, "PID", "held by this process");
  command.add_list("--program",
                   select.programs,
                   "TEXT",
                   "part of, or pattern for, name, path or script; sha256:DIGITS");
  command.add_list("--user", select.users, "USER", "of this user, by name or number");
  command.add_list("--unit", select.units, "UNIT", "held by this unit");
  command.add_list(
      "--container", select.containers, "NAME", "held in this container, by its name or id");
  command.add_list("--netns", select.namespaces, "LABEL", "in this network namespace");
  command.add_list("--device", select.devices, "NAME", "bound to this network interface");
  command.add_list(
      "--remote", select.remote, "ADDRESS", "other end: address or prefix, with or without :port");
  command.add_list("--local-address",
                   select.local,
                   "ADDRESS",
                   "own end: address or prefix, with or without :port");
}

}  // namespace sockwitness::query
