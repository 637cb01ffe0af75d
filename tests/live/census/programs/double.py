"""A daemon of a session: two forks, a session of its own, nothing at 0, 1 and 2, a listener at PORT."""
import os
import socket
import sys
import time

if os.fork():
    sys.exit()
os.setsid()
if os.fork():
    os._exit(0)
os.chdir("/")
null = os.open("/dev/null", os.O_RDWR)
for number in (0, 1, 2):
    os.dup2(null, number)
end = socket.create_server(("0.0.0.0", int(sys.argv[1])))
time.sleep(1000)
