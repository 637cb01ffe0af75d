-- What a process was told at its exec stays known when it writes a title over it; a service that is bound to an interface
-- is another one than that of the same address without.

ALTER TABLE process ADD COLUMN exec_mark INTEGER;  -- of where its stack began: another one after every exec; NULL: not shown
ALTER TABLE process ADD COLUMN title INTEGER REFERENCES text (id);  -- what it wrote over its arguments since; NULL: nothing
ALTER TABLE baseline_service ADD COLUMN device INTEGER REFERENCES text (id);  -- interface that it is bound to, empty for none; NULL: not recorded
