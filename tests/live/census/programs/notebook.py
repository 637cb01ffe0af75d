"""A notebook server at PORT ADDRESS: a terminal for its user, who is connected."""
import os
import pty
import socket
import sys
import time

end = socket.create_server((sys.argv[2], int(sys.argv[1])))
user = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
page = end.accept()
pid, master = pty.fork()
if pid == 0:
    for each in (end, user, page[0]):
        each.close()
    os.execv("/bin/bash", ["bash", "-l"])
time.sleep(1000)
