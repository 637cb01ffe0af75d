-- Made after the rows, which is faster.
CREATE INDEX holders_by_socket ON holders (socket);
CREATE INDEX holders_by_process ON holders (process);
CREATE INDEX standard_fds_by_process ON standard_fds (process);
CREATE INDEX descriptors_by_process ON descriptors (process);
CREATE INDEX channels_by_process ON channels (process);
CREATE INDEX mappings_by_process ON mappings (process);
CREATE INDEX ancestry_by_ancestor ON ancestry (ancestor);
CREATE INDEX channels_by_channel ON channels (channel);
CREATE INDEX sockets_listening ON sockets (local_port) WHERE listening = 1;
CREATE INDEX processes_by_parent ON processes (parent);
CREATE INDEX processes_by_program ON processes (program);
CREATE INDEX standard_fds_by_socket ON standard_fds (socket) WHERE socket IS NOT NULL;
CREATE INDEX baseline_by_port ON baseline_services (local_port);
