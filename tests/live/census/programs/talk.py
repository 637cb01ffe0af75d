"""A client: connects to PORT as soon as somebody listens, says TEXT, and stays."""
import socket
import sys
import time

while True:
    try:
        end = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
        break
    except OSError:
        time.sleep(0.1)
end.sendall(" ".join(sys.argv[2:]).encode().decode("unicode_escape").encode())
time.sleep(1000)
