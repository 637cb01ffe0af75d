SELECT socket, recv_q, send_q FROM sample WHERE seq = ?1
