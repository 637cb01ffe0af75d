"""Listens where '--listen ADDRESS:PORT' says."""
import socket
import sys
import time

address, port = sys.argv[sys.argv.index("--listen") + 1].rsplit(":", 1)
end = socket.create_server((address, int(port)))
time.sleep(1000)
