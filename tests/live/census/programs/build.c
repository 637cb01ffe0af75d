/* Builds a program into a folder of its own below /tmp and runs it there, as build tools do: "run PORT". */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char** words) {
  char folder[] = "/tmp/gotool-buildXXXXXX";
  char command[256];
  char path[64];
  if (mkdtemp(folder) == 0) {
    return 1;
  }
  snprintf(path, sizeof path, "%s/hello", folder);
  snprintf(command, sizeof command, "sleep 0.1; cp /usr/local/lib/gotool/server %s", path);
  if (system(command) != 0) {
    return 1;
  }
  if (fork() == 0) {
    execl(path, path, count > 2 ? words[2] : "0", (char*)0);
  }
  return wait(0) < 0;
}
