-- Long texts in pieces: a compiler that is called a thousand times with nearly the same 30 KB of arguments stored them a
-- thousand times, and a process with megabytes of them filled the file. Rows of text that are there stay as they are.

-- Texts that are put together from pieces, which are texts themselves. In `text` their bytes are empty.
CREATE TABLE long_text (
  text INTEGER PRIMARY KEY REFERENCES text (id),  -- which one
  length INTEGER NOT NULL,            -- bytes of the whole
  sha256 BLOB,                        -- over the whole, 32 bytes; NULL: not computed, and then it is whole
  head INTEGER,                       -- NULL: whole; else so many bytes of its begin are kept …
  tail INTEGER                        -- … followed by so many of its end, and nothing between
) STRICT;

-- The kept bytes of a long text: those of the texts first, first + 1, …, last of each run, in the order of positions.
CREATE TABLE text_run (
  text INTEGER NOT NULL REFERENCES long_text (text),  -- which one
  position INTEGER NOT NULL,          -- from 0
  first INTEGER NOT NULL REFERENCES text (id),  -- its first piece
  last INTEGER NOT NULL REFERENCES text (id),   -- its last piece
  PRIMARY KEY (text, position)
) STRICT, WITHOUT ROWID;
