-- Ports that NAT rules lead elsewhere, without a socket: they stand among the sockets, with a state of their own.

-- Of a row of socket with state 14: what only such a port has.
CREATE TABLE forward (
  socket INTEGER PRIMARY KEY REFERENCES socket (id),  -- the version that it belongs to
  local_last INTEGER NOT NULL,        -- last port of a range that begins with local_port; 0: one port, or with local_port 0 all
  remote_last INTEGER NOT NULL,       -- likewise of remote_port
  rule INTEGER NOT NULL REFERENCES text (id),  -- family, table and chain of the rule, and what else it asks for
  target INTEGER REFERENCES text (id)  -- label of the namespace that has the address which it leads to; NULL: not known
) STRICT;

ALTER TABLE baseline_service ADD COLUMN leads_to INTEGER REFERENCES text (id);  -- of such a port: where to; NULL: it is none
