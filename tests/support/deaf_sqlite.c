// Preloaded into a program, it makes SQLite deaf to one setting, as a library may be that was built
// in another way: nothing complains, and the setting stays as it was.
//
// In:    DEAF_TO, the name of the setting: of a pragma, a switch or a limit; DEAF_AT, where it is
//        not the same without the program, what a connection begins with.
// Out:   SQLITE_OK for setting it, and no effect.
// Never: hears less than that: to ask for the value works as ever.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct named {
  const char* name;
  int number;
};

static const struct named switches[] = {{"defensive", SQLITE_DBCONFIG_DEFENSIVE},
                                        {"trusted_schema", SQLITE_DBCONFIG_TRUSTED_SCHEMA},
                                        {"triggers", SQLITE_DBCONFIG_ENABLE_TRIGGER},
                                        {"views", SQLITE_DBCONFIG_ENABLE_VIEW},
                                        {"writable_schema", SQLITE_DBCONFIG_WRITABLE_SCHEMA},
                                        {"load_extension", SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION}};
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
                                      {"limit_trigger_depth", SQLITE_LIMIT_TRIGGER_DEPTH},
                                      {"limit_worker_threads", SQLITE_LIMIT_WORKER_THREADS}};

static const char* deaf_to(void) {
  const char* name = getenv("DEAF_TO");
  return name != NULL ? name : "";
}

static int number_of(const struct named* list, size_t count) {
  for (size_t at = 0; at < count; ++at) {
    if (strcmp(list[at].name, deaf_to()) == 0) {
      return list[at].number;
    }
  }
  return -1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define COUNT(list) (sizeof(list) / sizeof *(list))

// A connection begins with what the library was built with.
int sqlite3_open_v2(const char* name, sqlite3** database, int flags, const char* vfs) {
  const int code = REAL(sqlite3_open_v2)(name, database, flags, vfs);
  const char* at = getenv("DEAF_AT");
  if (code != SQLITE_OK || at == NULL || deaf_to()[0] == '\0') {
    return code;
  }
  const int chosen = number_of(switches, COUNT(switches));
  const int limit = number_of(limits, COUNT(limits));
  if (chosen >= 0) {
    REAL(sqlite3_db_config)(*database, chosen, atoi(at), NULL);
  } else if (limit >= 0) {
    REAL(sqlite3_limit)(*database, limit, atoi(at));
  } else {
    char pragma[200];
    snprintf(pragma, sizeof pragma, "PRAGMA %s = %s", deaf_to(), at);
    REAL(sqlite3_exec)(*database, pragma, NULL, NULL, NULL);
  }
  return code;
}

int sqlite3_exec(sqlite3* database,
                 const char* sql,
                 int (*row)(void*, int, char**, char**),
                 void* argument,
                 char** message) {
  static const char pragma[] = "PRAGMA ";
  const size_t length = strlen(deaf_to());
  if (length > 0 && strncmp(sql, pragma, sizeof pragma - 1) == 0 &&
      strncmp(sql + sizeof pragma - 1, deaf_to(), length) == 0 &&
      strncmp(sql + sizeof pragma - 1 + length, " =", 2) == 0) {
    return SQLITE_OK;
  }
  return REAL(sqlite3_exec)(database, sql, row, argument, message);
}

// All that the programs use have these two arguments.
int sqlite3_db_config(sqlite3* database, int number, ...) {
  va_list more;
  va_start(more, number);
  const int value = va_arg(more, int);
  int* told = va_arg(more, int*);
  va_end(more);
  const int deaf = value >= 0 && number_of(switches, COUNT(switches)) == number;
  return REAL(sqlite3_db_config)(database, number, deaf ? -1 : value, told);
}

int sqlite3_limit(sqlite3* database, int number, int value) {
  const int deaf = value >= 0 && number_of(limits, COUNT(limits)) == number;
  return REAL(sqlite3_limit)(database, number, deaf ? -1 : value);
}
