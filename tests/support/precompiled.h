// Catch2, compiled once for all test programs.
//
// In:    what schema/base/precompiled.h has, before it.
// Out:   time saved: no file includes this one, each still names what it uses.
// Never: in a program that is not a test; nor in main.cpp, which makes Catch2's own code of it.
#pragma once

#include <catch2/catch.hpp>
