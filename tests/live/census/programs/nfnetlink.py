"""Binds a queue or log group of netfilter: netlink protocol 12, subsystem N (3: queue, 4: log)."""
import socket
import struct
import sys
import time

end = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
end.bind((0, 0))
command = struct.pack("=BBH", 0, 0, socket.htons(7)) + struct.pack("=HHBBH", 8, 1, 1, 0, 0)
end.send(struct.pack("=IHHII", 16 + len(command), int(sys.argv[1]) << 8 | 2, 1, 1, 0) + command)
time.sleep(1000)
