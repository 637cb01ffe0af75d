"""A runner of jobs: connected with its server at PORT, it has a shell run the script of a job."""
import os
import socket
import subprocess
import sys
import time

while True:
    try:
        end = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
        break
    except OSError:
        time.sleep(0.1)
with open("/tmp/job.sh", "w", encoding="ascii") as job:
    job.write("sleep 1000\ntrue\n")
subprocess.Popen(["bash", "-e", "/tmp/job.sh"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=os.sep)
time.sleep(1000)
