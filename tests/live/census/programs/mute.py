"""A server that accepts at PORT and never answers."""
import socket
import sys
import time

end = socket.create_server(("127.0.0.1", int(sys.argv[1])))
kept = []
while True:
    kept.append(end.accept())
    time.sleep(0.01)
