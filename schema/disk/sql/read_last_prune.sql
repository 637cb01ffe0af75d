-- The one that the rows that are left must fit.
SELECT until_record, kept, kept_root, marks, last_seq FROM prune ORDER BY record DESC LIMIT 1
