-- Snapshots that something else names: those that baselines were made from, that show what was accepted, that have a
-- list of all that lived.
SELECT first_seq, last_seq FROM baseline WHERE record NOT IN (SELECT baseline FROM baseline_drop)
UNION ALL
SELECT seq, seq FROM baseline_acceptance WHERE baseline NOT IN (SELECT baseline FROM baseline_drop)
UNION ALL
SELECT seq, seq FROM frame WHERE entity = 2
