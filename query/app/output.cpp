#include "query/app/output.h"

#include <unistd.h>

#include "query/app/environment.h"
#include "query/app/words.h"
#include "query/report/records/pruned_words.h"
#include "query/report/records/thinned_words.h"
#include "query/report/writers/csv_writer.h"
#include "query/report/writers/json_writer.h"
#include "query/report/writers/text_writer.h"
#include "query/terminal/sink.h"

namespace sockwitness::query {

OutputFormat read_output_format(const std::string& word) {
  static constexpr std::array<std::pair<const char*, OutputFormat>, 4> kFormats{
      {{"text", OutputFormat::Text},
       {"json", OutputFormat::Json},
       {"jsonl", OutputFormat::JsonLines},
       {"csv", OutputFormat::Csv}}};
  return choose_word("--format", word, kFormats);
}

void write_answer(const GlobalOptions& options,
                  const std::function<Document()>& build_document,
                  const std::function<Page()>& build_page) {
  switch (options.format) {
    case OutputFormat::Text: {
      const Screen screen = read_screen(STDOUT_FILENO, options.colour);
      write_all(STDOUT_FILENO,
                write_text(build_page(), {screen.colour, screen.width, !screen.utf8}));
      break;
    }
    case OutputFormat::Json:
      write_all(STDOUT_FILENO, write_json(build_document()));
      break;
    case OutputFormat::JsonLines:
      write_all(STDOUT_FILENO, write_json_lines(build_document()));
      break;
    case OutputFormat::Csv:
      write_all(STDOUT_FILENO, write_csv(build_document()));
      break;
  }
}

void write_answer(const GlobalOptions& options,
                  const PrunedNote& note,
                  const std::function<Document()>& build_document,
                  const std::function<Page()>& build_page) {
  if (!note.pruned && !note.thinned) {
    write_answer(options, build_document, build_page);
    return;
  }
  write_answer(
      options,
      [&] {
        Document document = build_document();
        if (note.pruned) {
          document.head.push_back({"pruned", pruned_value(*note.pruned)});
        }
        if (note.thinned) {
          document.head.push_back({"thinned", thinned_value(*note.thinned)});
        }
        return document;
      },
      [&] {
        Page page = build_page();
        if (note.thinned && note.thinned_matters) {
          page.add(thinned_text(*note.thinned, read_clock_face(options)), Style::Faint);
        }
        if (note.pruned && note.matters) {
          page.add(pruned_text(*note.pruned, read_clock_face(options)) +
                       ": what was there with the first snapshot after them may be older",
                   Style::Faint);
        }
        return page;
      });
}

}  // namespace sockwitness::query
