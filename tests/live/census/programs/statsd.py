"""Takes in datagrams at PORT."""
import socket
import sys
import time

end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
end.bind(("127.0.0.1", int(sys.argv[1])))
time.sleep(1000)
