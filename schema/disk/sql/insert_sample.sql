INSERT INTO sample (seq, socket, recv_q, send_q) VALUES (?1, ?2, ?3, ?4)
