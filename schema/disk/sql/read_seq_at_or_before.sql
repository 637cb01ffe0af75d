SELECT seq FROM snapshot WHERE began_us <= ?1 ORDER BY began_us DESC, seq DESC LIMIT 1
