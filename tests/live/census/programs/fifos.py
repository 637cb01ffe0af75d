"""Connected with PORT, and with the two ends of a pair of named pipes."""
import socket
import sys
import time

while True:
    try:
        end = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
        break
    except OSError:
        time.sleep(0.1)
there = open(sys.argv[2], "wb", 0)
back = open(sys.argv[3], "rb", 0)
time.sleep(1000)
