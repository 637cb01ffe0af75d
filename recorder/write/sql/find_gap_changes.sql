-- Whether what could not be seen changed.
SELECT EXISTS (SELECT 1 FROM change WHERE entity = 7 AND seq BETWEEN ?1 AND ?2)
