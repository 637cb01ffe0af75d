"""Listens to the kernel's process events: netlink protocol 11, group 1."""
import os
import socket
import time

end = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, 11)
end.bind((os.getpid(), 1))
time.sleep(1000)
