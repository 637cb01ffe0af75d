"""A tunnel: the device NAME, and a datagram socket at PORT."""
import fcntl
import socket
import struct
import sys
import time

device = open("/dev/net/tun", "r+b", 0)
fcntl.ioctl(device, 0x400454ca, struct.pack("16sH", sys.argv[1].encode(), 0x1001))
end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
end.bind(("0.0.0.0", int(sys.argv[2])))
time.sleep(1000)
