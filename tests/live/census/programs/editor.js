// An editor's remote server: a listener on loopback, its user's connection, a terminal for that user.
const net = require("net");
const server = net.createServer(() => 0).listen(Number(process.argv[2]), "127.0.0.1", () => {
  net.connect(server.address().port, "127.0.0.1");
});
require("child_process").spawn("script", ["-qc", "bash -i", "/dev/null"], { stdio: ["pipe", "pipe", "pipe"] });
