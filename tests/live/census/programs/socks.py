"""A proxy at PORT with a client and the connection that it made for it."""
import socket
import sys
import time

end = socket.create_server(("0.0.0.0", int(sys.argv[1])))
target = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
accepted = end.accept()
onward = socket.create_connection(target.getsockname())
time.sleep(1000)
