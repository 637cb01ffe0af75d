#include "schema/pages/manual_page.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "schema/pages/footer.h"
#include "schema/pages/roff.h"

namespace sockwitness::schema {
namespace {

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char letter) {
    return static_cast<char>(std::toupper(letter));
  });
  return text;
}

// "sockwitness rules show"
std::string words_of(const CommandPath& path) {
  std::vector<std::string> words;
  for (const CommandText* command : path) {
    words.push_back(command->name);
  }
  return fmt::format("{}", fmt::join(words, " "));
}

// The help of the program begins with its name.
std::string purpose_of(const CommandPath& path) {
  const CommandText& command = *path.back();
  const std::string prefix = command.name + ": ";
  return command.help.starts_with(prefix) ? command.help.substr(prefix.size()) : command.help;
}

bool has_options(const CommandText& command) {
  return std::any_of(command.options.begin(), command.options.end(), [](const OptionText& option) {
    return !option.names.empty();
  });
}

std::string synopsis(const CommandPath& path) {
  const CommandText& command = *path.back();
  std::string roff = fmt::format(".B {}\n", escape_roff(words_of(path)));
  if (has_options(command)) {
    roff += ".RI [ OPTION ]...\n";
  }
  for (const OptionText& option : command.options) {
    if (option.names.empty()) {
      roff += option.required ? fmt::format(".I {}\n", escape_roff(option.word))
                              : fmt::format(".RI [ {} ]\n", escape_roff(option.word));
    }
  }
  if (!command.commands.empty()) {
    roff += path.size() == 1 ? ".I COMMAND\n.RI [ OPTION ]...\n" : ".RI [ COMMAND ]\n";
  }
  return roff;
}

// ".BR \-q ", " \-\-quiet", ".BI \-\-at " T"
std::string tag(const OptionText& option) {
  if (option.names.empty()) {
    return fmt::format(".I {}\n", escape_roff(option.word));
  }
  std::vector<std::string> names;
  for (const std::string& name : option.names) {
    names.push_back("\\fB" + escape_roff(name) + "\\fR");
  }
  const std::string value =
      option.value.empty() ? "" : " \\fI" + escape_roff(option.value) + "\\fR";
  return fmt::format("{}{}\n", fmt::join(names, ", "), value);
}

std::string entries(const std::vector<OptionText>& options) {
  std::string roff;
  for (const OptionText& option : options) {
    roff += ".TP\n" + tag(option) + escape_roff(option.help);
    roff += option.repeats ? "; may be given several times.\n" : ".\n";
  }
  return roff;
}

std::string commands_section(const CommandPath& path, std::string_view section) {
  std::string roff = ".SH COMMANDS\n";
  for (const CommandText& command : path.back()->commands) {
    CommandPath below = path;
    below.push_back(&command);
    roff += fmt::format(".TP\n\\fB{}\\fR\n{}; see \\fB{}\\fR({}).\n",
                        escape_roff(command.name),
                        escape_roff(command.help),
                        escape_roff(page_name(below)),
                        section);
  }
  return roff;
}

// A command without an end of its own has that of the program, with examples of all commands.
std::string own_examples(const CommandPath& path, const std::string& examples) {
  if (path.size() < 2 || path.back()->footer != path[path.size() - 2]->footer) {
    return examples;
  }
  const std::string begin = "  " + words_of(path) + " ";
  std::string own;
  for (std::size_t at = 0; at < examples.size();) {
    const std::size_t end = std::min(examples.find('\n', at), examples.size());
    const std::string line = examples.substr(at, end - at);
    own += line.starts_with(begin) ? line + "\n" : "";
    at = end + 1;
  }
  return own;
}

struct Ends {
  std::string notes, exit_codes, examples;
};

Ends read_footer(const CommandPath& path) {
  Ends ends;
  for (const FooterPart& part : split_footer(path.back()->footer)) {
    switch (part.kind) {
      case FooterPart::Kind::Examples:
        ends.examples += own_examples(path, part.text);
        break;
      case FooterPart::Kind::ExitCodes:
        ends.exit_codes += part.text;
        break;
      case FooterPart::Kind::Other:
        ends.notes += (ends.notes.empty() ? "" : "\n") + part.text;
        break;
    }
  }
  return ends;
}

std::string literal_section(std::string_view title, const std::string& text) {
  return text.empty() ? "" : fmt::format(".SH {}\n{}", title, literal_block(text));
}

std::string see_also(const CommandPath& path, const ManualHead& head) {
  std::vector<std::string> pages;
  const auto add = [&](const CommandPath& other) {
    pages.push_back(fmt::format("{}({})", page_name(other), head.section));
  };
  CommandPath above;
  for (const CommandText* command : path) {
    above.push_back(command);
    if (above.size() < path.size()) {
      add(above);
    }
  }
  for (const CommandText& command : path.back()->commands) {
    above = path;
    above.push_back(&command);
    add(above);
  }
  pages.insert(pages.end(), head.see_also.begin(), head.see_also.end());
  std::string roff = ".SH SEE ALSO\n";
  for (std::size_t at = 0; at < pages.size(); ++at) {
    const auto parenthesis = pages[at].find('(');
    roff += fmt::format(".BR {} {}{}\n",
                        escape_roff(pages[at].substr(0, parenthesis)),
                        pages[at].substr(parenthesis),
                        at + 1 < pages.size() ? " ," : "");
  }
  return roff;
}

}  // namespace

std::string page_name(const CommandPath& path) {
  std::string name = words_of(path);
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

std::string manual_page(const CommandPath& path, const ManualHead& head, std::string_view written) {
  const CommandText& command = *path.back();
  const std::string name = page_name(path);
  const Ends ends = read_footer(path);
  std::string page = fmt::format(".TH {} {} {} \"sockwitness {}\" \"{}\"\n",
                                 upper(name),
                                 head.section,
                                 head.date,
                                 head.version,
                                 head.title);
  page += fmt::format(".SH NAME\n{} \\- {}\n", escape_roff(name), escape_roff(purpose_of(path)));
  page += ".SH SYNOPSIS\n" + synopsis(path);
  // Hand-written text goes on with the description, and then with sections of its own.
  const std::size_t first = std::min(written.find(".SH "), written.size());
  page += fmt::format(
      ".SH DESCRIPTION\n{}",
      first > 0 ? std::string(written.substr(0, first)) : escape_roff(purpose_of(path)) + ".\n");
  page += ".SH OPTIONS\n" + entries(command.options);
  if (!command.commands.empty()) {
    page += commands_section(path, head.section);
  }
  page += written.substr(first);
  page += literal_section("NOTES", ends.notes);
  page += literal_section("EXIT STATUS", ends.exit_codes);
  page += literal_section("EXAMPLES", ends.examples);
  return page + see_also(path, head);
}

}  // namespace sockwitness::schema
