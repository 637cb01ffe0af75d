"""An application at PORT with a visitor, that asks the database at another PORT."""
import socket
import sys
import time

end = socket.create_server(("0.0.0.0", int(sys.argv[1])))
visitor = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
accepted = end.accept()
database = socket.create_connection(("127.0.0.1", int(sys.argv[2])))
time.sleep(1000)
