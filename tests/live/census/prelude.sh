# What the lines of the census share; each is a text for bash that reads this first. D is a folder of the line's own.
HOME=/root
# user COMMAND…: as the developer of this machine, at home.
user() {
  chown -R 1000:1000 "$D"
  HOME=/home/user setpriv --reuid=1000 --regid=1000 --clear-groups "$@"
}
# write PATH: what stands on standard input, as a program.
write() {
  mkdir -p "$(dirname "$1")"
  cat >"$1"
  chmod 755 "$1"
}
# talk PORT TEXT: a client that says something and stays.
talk() {
  /usr/bin/python3 "$HERE/programs/talk.py" "$@"
}
up() {
  until (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do sleep 0.1; done
}
