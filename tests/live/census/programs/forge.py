"""A forge: listens at PORT and lets git run the hook of REPOSITORY."""
import socket
import subprocess
import sys
import time

end = socket.create_server(("127.0.0.1", int(sys.argv[1])))
hook = subprocess.Popen([sys.argv[2] + "/hooks/post-receive"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
hook.stdin.write(b"0 1 refs/heads/main\n")
hook.stdin.flush()
time.sleep(1000)
