"""Opens PORT, passes the listener over the unix socket PATH to a process of another USER, and closes it."""
import os
import socket
import sys
import time

path, port, user = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
meeting = socket.socket(socket.AF_UNIX)
meeting.bind(path)
os.chmod(path, 0o777)
meeting.listen()
if os.fork() == 0:
    meeting.close()
    os.setuid(user)
    os.setsid()
    end = socket.socket(socket.AF_UNIX)
    end.connect(path)
    kept = socket.recv_fds(end, 1, 1)
    time.sleep(1000)
peer, _ = meeting.accept()
if user == 1000:
    os.setuid(65534)
listener = socket.create_server(("0.0.0.0", port))
socket.send_fds(peer, [b"+"], [listener.fileno()])
listener.close()
time.sleep(1000)
