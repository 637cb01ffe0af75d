# Before the first line: the developer's home, an attacker's end that accepts and keeps.
mkdir -p /home/user /srv/census
chown 1000:1000 /home/user
