-- What listens on few hosts of a role. Hosts have roles in the table `roles`.
-- param share percent = 1: at most so many of a hundred hosts
-- param role text = '': of this role only
SELECT role, protocol, local_port, code AS program, on_hosts AS hosts, of_hosts, which, since
FROM
(
    SELECT role, protocol, local_port, code, uniqExact(host) AS on_hosts,
           arraySlice(arraySort(groupUniqArray(host)), 1, 10) AS which, min(first_seen) AS since
    FROM
    (
        SELECT host, protocol, local_port, ifNull(program, '') AS code, first_seen
        FROM sockwitness.services FINAL
        WHERE state = 'open' AND NOT startsWith(ifNull(local_address, ''), '127.') AND ifNull(local_address, '') != '::1'
    ) AS reached
    ALL INNER JOIN (SELECT host, role FROM sockwitness.roles FINAL) AS known USING (host)
    GROUP BY role, protocol, local_port, code
) AS found
ALL INNER JOIN
(
    SELECT role, uniqExact(host) AS of_hosts
    FROM sockwitness.roles FINAL
    WHERE host IN (SELECT host FROM sockwitness.snapshots)
    GROUP BY role
) AS sizes USING (role)
WHERE on_hosts * 100 <= of_hosts * {share:Float64} AND ({role:String} = '' OR role = {role:String})
ORDER BY role, on_hosts, protocol, local_port, code
