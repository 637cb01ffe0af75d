SELECT id
FROM container
WHERE name IS ?2 AND pod IS ?6 AND engine = ?1 AND image IS ?3 AND project IS ?4 AND service IS ?5
  AND pod_namespace IS ?7 AND pod_container IS ?8
ORDER BY id
LIMIT 1
