// The functions of toml++, for the program without libraries: Debian has them as a shared library
// only.
#define TOML_IMPLEMENTATION
#define TOML_HEADER_ONLY 0
#include <toml++/toml.h>
