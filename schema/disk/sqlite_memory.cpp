#include "schema/disk/sqlite_memory.h"

#include <sqlite3.h>

#include "schema/program/out_of_memory.h"

namespace sockwitness::schema {
namespace {

sqlite3_mem_methods of_system{};

// What SQLite makes of a failure is not always an error: a column without memory to be converted is
// NULL.
void* checked(void* memory) {
  if (memory == nullptr) {
    end_out_of_memory();
  }
  return memory;
}

void* allocate(int size) {
  return checked(of_system.xMalloc(size));
}

void* reallocate(void* memory, int size) {
  return checked(of_system.xRealloc(memory, size));
}

}  // namespace

void end_when_sqlite_is_out_of_memory() noexcept {
  if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &of_system) != SQLITE_OK) {
    return;  // it is in use already
  }
  sqlite3_mem_methods ours = of_system;
  ours.xMalloc = allocate;
  ours.xRealloc = reallocate;
  sqlite3_config(SQLITE_CONFIG_MALLOC, &ours);
}

}  // namespace sockwitness::schema
