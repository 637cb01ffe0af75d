// What a command line asks for, as typed.
//
// In:    filled by the command line parser only.
// Out:   what all commands share; each keeps its own options to itself.
// Never: a global; each command is handed its own.
#pragma once

#include <string>
#include <vector>

#include "query/terminal/screen.h"

namespace sockwitness::query {

enum class OutputFormat { Text, Json, JsonLines, Csv };

struct GlobalOptions {
  std::string database;  // path; empty for the default
  OutputFormat format = OutputFormat::Text;
  bool utc = false;    // times on the command line are UTC
  bool local = false;  // times in the answer are local
  ColourChoice colour = ColourChoice::Auto;
};

// The selecting words and options, as typed.
struct SelectionOptions {
  std::vector<std::string> things;
  bool all = false;
  bool listening = false;
  bool tcp = false;
  bool udp = false;
  bool raw = false;
  bool unix_domain = false;
  bool only_v4 = false;
  bool only_v6 = false;
  std::vector<std::string> tables;  // -A
  std::vector<std::string> states;
  std::vector<std::string> ports;
  std::vector<std::string> pids;
  std::vector<std::string> programs;
  std::vector<std::string> users;
  std::vector<std::string> units;
  std::vector<std::string> containers;
  std::vector<std::string> namespaces;
  std::vector<std::string> devices;
  std::vector<std::string> local;
  std::vector<std::string> remote;
};

}  // namespace sockwitness::query
