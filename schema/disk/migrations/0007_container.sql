-- What people call a container: its id is another one whenever it is made anew, its name stays.

-- What the state files of an engine said of a container. Rows never end; an empty text is NULL.
CREATE TABLE container (
  id INTEGER PRIMARY KEY,
  engine INTEGER NOT NULL,                          -- 1 docker, 2 podman, 3 containerd, 4 cri-o, 5 kubernetes (its log directories)
  name INTEGER REFERENCES text (id),                -- name
  image INTEGER REFERENCES text (id),               -- image as it was asked for
  project INTEGER REFERENCES text (id),             -- Compose project
  service INTEGER REFERENCES text (id),             -- Compose service
  pod INTEGER REFERENCES text (id),                 -- pod
  pod_namespace INTEGER REFERENCES text (id),       -- namespace of the pod
  pod_container INTEGER REFERENCES text (id)        -- name in the pod, NULL for what holds the pod together
) STRICT;
CREATE INDEX container_by_name ON container (name, pod, image, pod_container);

ALTER TABLE process ADD COLUMN container_facts INTEGER REFERENCES container (id);  -- what its container is called; NULL: not found, or outside
ALTER TABLE baseline_owner ADD COLUMN container_facts INTEGER REFERENCES container (id);  -- likewise
