#include "query/analysis/rpc_names.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace sockwitness::query {
namespace {

struct RpcName {
  std::uint32_t program;
  std::string_view name;
};

constexpr auto kNames = std::to_array<RpcName>(
    {{100000, "portmapper"}, {100001, "rstatd"},  {100002, "rusersd"},     {100003, "nfs"},
     {100004, "ypserv"},     {100005, "mountd"},  {100007, "ypbind"},      {100008, "walld"},
     {100009, "yppasswdd"},  {100011, "rquotad"}, {100012, "sprayd"},      {100017, "rexd"},
     {100021, "nlockmgr"},   {100024, "status"},  {100026, "bootparam"},   {100028, "ypupdated"},
     {100029, "keyserv"},    {100068, "cmsd"},    {100083, "ttdbserverd"}, {100227, "nfs_acl"},
     {100300, "nisd"},       {150001, "pcnfsd"}});

}  // namespace

std::string_view rpc_name(std::uint32_t program) {
  const auto found = std::find_if(
      kNames.begin(), kNames.end(), [&](const RpcName& entry) { return entry.program == program; });
  return found == kNames.end() ? std::string_view() : found->name;
}

std::string rpc_words(std::uint32_t program) {
  const std::string_view name = rpc_name(program);
  return name.empty() ? fmt::format("RPC {}", program) : fmt::format("RPC {} {}", program, name);
}

}  // namespace sockwitness::query
