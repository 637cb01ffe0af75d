// What people call a place and a program in one line.
//
// In:    an endpoint, an owner, a socket or a process of a finding.
// Out:   raw bytes of the host with our words between them.
// Never: a program by its name alone where its path is known.
#pragma once

#include <string>
#include <vector>

#include "query/analysis/findings/host_view.h"
#include "schema/model/service.h"

namespace sockwitness::query {

// "tcp 8443", "tcp 127.0.0.1:8443", "tcp 80 in container web", "unix /run/x.sock"
[[nodiscard]] std::string where_words(const schema::Endpoint& endpoint);
[[nodiscard]] std::string where_words(const HostView& host, schema::SocketIndex socket);

// "/usr/bin/python3 /tmp/x.py"; "the kernel" for null.
[[nodiscard]] std::string who_words(const schema::Owner* owner);
[[nodiscard]] std::string who_words(const HostView& host, schema::ProcessIndex process);

// "agent(4120), root, cron.service, child of bash(4100)"
[[nodiscard]] std::string owner_line(const schema::Service& service);

// "when tcp/8443"; empty where there is no such question.
[[nodiscard]] std::string question_words(const schema::Endpoint& endpoint);

}  // namespace sockwitness::query
