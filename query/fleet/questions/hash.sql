-- Where a program of this content was run, and where it listens.
-- param sha256 digest: SHA-256 of its file, or the first digits of it
SELECT host, what, code AS program, package, package_state, sha256, protocol_word AS protocol, local_address, local_port,
       not_before, first_seen, last_seen, not_after
FROM
(
    SELECT host, 'ran' AS what, path AS code, package, package_state, sha256, '' AS protocol_word,
           CAST(NULL AS Nullable(String)) AS local_address, CAST(NULL AS Nullable(UInt16)) AS local_port,
           CAST(NULL AS Nullable(DateTime('UTC'))) AS not_before, first_seen,
           CAST(NULL AS Nullable(DateTime('UTC'))) AS last_seen, CAST(NULL AS Nullable(DateTime('UTC'))) AS not_after, row
    FROM sockwitness.programs FINAL
    WHERE startsWith(ifNull(sha256, ''), {sha256:String})
    UNION ALL
    SELECT host, if(state = 'open', 'listens', 'listened') AS what, ifNull(program, '') AS code, package, package_state, sha256,
           protocol AS protocol_word, local_address, local_port, not_before, first_seen, last_seen, not_after, row
    FROM sockwitness.services FINAL
    WHERE startsWith(ifNull(sha256, ''), {sha256:String})
)
ORDER BY host, what, first_seen, row
