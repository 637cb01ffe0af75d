// A file that was made just now, so that a loss of power does not take its name away again.
//
// In:    a path.
// Out:   the file, and its directory on the disk.
// Never: opens what is there already, or follows a link.
#pragma once

#include <string>

namespace sockwitness::schema {

// Throws Error.
void create_empty_file(const std::string& path);

// The directory that the path lies in, with a slash at its end unless it is the current one.
[[nodiscard]] std::string folder_of(const std::string& path);

// The names in an open directory; in the one that the path lies in. False and errno when the disk
// reports an error; a file system that knows no such sync has nothing to be done.
[[nodiscard]] bool sync_folder(int fd);
[[nodiscard]] bool sync_folder_of(const std::string& path);

}  // namespace sockwitness::schema
