// Preloaded into a program, it makes SQLite deaf to one setting, as a library may be that was built
// in another way: nothing complains, and the setting stays as it was.
//
// In:    DEAF_TO, the name of the setting: of a pragma, a switch or a limit.
// Out:   SQLITE_OK for setting it, and no effect.
// Never: hears less than that: to ask for the value works as ever.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct named {
  const char* name;
  int number;
};

static const struct named switches[] = {{"defensive", SQLITE_DBCONFIG_DEFENSIVE},
                                        {"trusted_schema", SQLITE_DBCONFIG_TRUSTED_SCHEMA},
                                        {"triggers", SQLITE_DBCONFIG_ENABLE_TRIGGER},
                                        {"views", SQLITE_DBCONFIG_ENABLE_VIEW}};
static const struct named limits[] = {{"limit_length", SQLITE_LIMIT_LENGTH},
                                      {"limit_sql_length", SQLITE_LIMIT_SQL_LENGTH},
                                      {"limit_column", SQLITE_LIMIT_COLUMN},
                                      {"limit_expr_depth", SQLITE_LIMIT_EXPR_DEPTH},
                                      {"limit_compound_select", SQLITE_LIMIT_COMPOUND_SELECT},
                                      {"limit_vdbe_op", SQLITE_LIMIT_VDBE_OP},
                                      {"limit_function_arg", SQLITE_LIMIT_FUNCTION_ARG},
                                      {"limit_attached", SQLITE_LIMIT_ATTACHED},
                                      {"limit_like_pattern", SQLITE_LIMIT_LIKE_PATTERN_LENGTH},
                                      {"limit_variable", SQLITE_LIMIT_VARIABLE_NUMBER},
                                      {"limit_trigger_depth", SQLITE_LIMIT_TRIGGER_DEPTH}};

static const char* deaf_to(void) {
  const char* name = getenv("DEAF_TO");
  return name != NULL ? name : "";
}

static int is_meant(const struct named* list, size_t count, int number) {
  for (size_t at = 0; at < count; ++at) {
    if (list[at].number == number && strcmp(list[at].name, deaf_to()) == 0) {
      return 1;
    }
  }
  return 0;
}

int sqlite3_exec(sqlite3* database, const char* sql, int (*row)(void*, int, char**, char**),
                 void* argument, char** message) {
  static __typeof__(&sqlite3_exec) real;
  if (real == NULL) {
    real = (__typeof__(&sqlite3_exec))dlsym(RTLD_NEXT, "sqlite3_exec");
  }
  static const char pragma[] = "PRAGMA ";
  const size_t length = strlen(deaf_to());
  if (length > 0 && strncmp(sql, pragma, sizeof pragma - 1) == 0 &&
      strncmp(sql + sizeof pragma - 1, deaf_to(), length) == 0 &&
      strncmp(sql + sizeof pragma - 1 + length, " =", 2) == 0) {
    return SQLITE_OK;
  }
  return real(database, sql, row, argument, message);
}

// All that the programs use have these two arguments.
int sqlite3_db_config(sqlite3* database, int number, ...) {
  static int (*real)(sqlite3*, int, ...);
  if (real == NULL) {
    real = (int (*)(sqlite3*, int, ...))dlsym(RTLD_NEXT, "sqlite3_db_config");
  }
  va_list more;
  va_start(more, number);
  const int value = va_arg(more, int);
  int* told = va_arg(more, int*);
  va_end(more);
  const int deaf = value >= 0 && is_meant(switches, sizeof switches / sizeof *switches, number);
  return real(database, number, deaf ? -1 : value, told);
}

int sqlite3_limit(sqlite3* database, int number, int value) {
  static __typeof__(&sqlite3_limit) real;
  if (real == NULL) {
    real = (__typeof__(&sqlite3_limit))dlsym(RTLD_NEXT, "sqlite3_limit");
  }
  const int deaf = value >= 0 && is_meant(limits, sizeof limits / sizeof *limits, number);
  return real(database, number, deaf ? -1 : value);
}
