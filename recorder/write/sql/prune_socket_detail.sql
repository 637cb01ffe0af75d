DELETE FROM socket_detail WHERE socket BETWEEN ?1 AND ?2
