"""Asks nrpe at PORT, without TLS, to run COMMAND."""
import socket
import struct
import sys
import time
import zlib

while True:
    try:
        end = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
        break
    except OSError:
        time.sleep(0.1)
text = sys.argv[2].encode().ljust(1024, b"\0")
packet = struct.pack(">hhIh", 2, 1, 0, 0) + text + b"\0\0"
packet = struct.pack(">hhIh", 2, 1, zlib.crc32(packet), 0) + text + b"\0\0"
end.sendall(packet)
time.sleep(1000)
