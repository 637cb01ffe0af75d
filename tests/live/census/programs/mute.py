"""A server that accepts at PORT, of ADDRESS or of this host's loopback, and never answers."""
import socket
import sys
import time

end = socket.create_server((sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1", int(sys.argv[1])))
kept = []
while True:
    kept.append(end.accept())
    time.sleep(0.01)
