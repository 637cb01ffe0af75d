"""A server at PORT whose workers are its children, in its session, with a pipe each."""
import os
import socket
import sys
import time

end = socket.create_server(("0.0.0.0", int(sys.argv[1])))
pipe = os.pipe()
if os.fork() == 0:
    os.read(pipe[0], 1)
time.sleep(1000)
