"""A print server: a listener that feeds a FILTER of shell by pipes, with its arguments."""
import socket
import subprocess
import sys
import time

end = socket.create_server(("127.0.0.1", 18631))
first = subprocess.Popen([sys.argv[1], "1", "user", "title", "1", ""], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
time.sleep(1000)
