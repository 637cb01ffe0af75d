-- The snapshots of a period whose clock was not synchronised by the kernel's word.
SELECT seq
FROM snapshot
WHERE seq BETWEEN ?1 AND ?2 AND clock_synchronized = 0
ORDER BY seq
