-- What began to listen in the last days, on addresses that others reach.
-- param days number = 1: in so many days
-- param now time = now(): the time to look from
-- param role text = '': only hosts of this role
SELECT host, protocol, local_address, local_port, netns, program, script, user, unit, package, status,
       not_before, first_seen, last_seen, not_after
FROM sockwitness.services FINAL
WHERE first_seen > {now:DateTime} - {days:UInt32} * 86400 AND not_before IS NOT NULL
  AND NOT startsWith(ifNull(local_address, ''), '127.') AND ifNull(local_address, '') != '::1'
  AND ({role:String} = '' OR host IN (SELECT host FROM sockwitness.roles FINAL WHERE role = {role:String}))
ORDER BY first_seen, host, protocol, local_port, row
