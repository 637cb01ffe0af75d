// SQLite, compiled once for the folders that see it.
//
// In:    what schema/base/precompiled.h has, before it.
// Out:   time saved: no file includes this one, each still names what it uses.
// Never: in the libraries of other folders.
#pragma once

#include <sqlite3.h>

#include <SQLiteCpp/SQLiteCpp.h>
