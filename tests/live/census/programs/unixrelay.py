"""Connected with the unix socket PATH, and with PORT."""
import socket
import sys
import time


def connect(make):
    while True:
        try:
            return make()
        except OSError:
            time.sleep(0.1)


def local():
    made = socket.socket(socket.AF_UNIX)
    made.connect(sys.argv[1])
    return made


one = connect(local)
other = connect(lambda: socket.create_connection(("127.0.0.1", int(sys.argv[2]))))
time.sleep(1000)
