INSERT INTO container (engine, name, image, project, service, pod, pod_namespace, pod_container)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
