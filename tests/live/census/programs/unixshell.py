"""Serves at the unix socket PATH: a shell for who connects."""
import os
import socket
import sys

end = socket.socket(socket.AF_UNIX)
end.bind(sys.argv[1])
end.listen()
peer, _ = end.accept()
for number in (0, 1, 2):
    os.dup2(peer.fileno(), number)
shell = sys.argv[2] if len(sys.argv) > 2 else "/bin/bash"
os.execv(shell, [shell, "-i"] if "bash" in shell else [shell])
