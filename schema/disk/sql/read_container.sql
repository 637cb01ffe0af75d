SELECT id, engine, name, image, project, service, pod, pod_namespace, pod_container
FROM container
WHERE id = ?1
