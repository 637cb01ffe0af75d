-- Who listens on a port, whose it is, and since when.
-- param port port: the port
-- param role text = '': only hosts of this role
SELECT host, protocol, local_address, local_port, netns, program, script, user, unit, container_name, package, sha256, status,
       not_before, first_seen, last_seen, not_after
FROM sockwitness.services FINAL
WHERE local_port = {port:UInt16}
  AND ({role:String} = '' OR host IN (SELECT host FROM sockwitness.roles FINAL WHERE role = {role:String}))
ORDER BY state DESC, host, first_seen, row
