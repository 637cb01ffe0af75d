// A development server: a listener for everybody, an open page, a compiler as a child with pipes.
const http = require("http");
const port = Number(process.argv[2]);
http.createServer((question, answer) => answer.write("x")).listen(port, () => {
  http.get({ port, host: "127.0.0.1" });
});
require("child_process").spawn("sh", ["-c", "sleep 1000; true"]);
setInterval(() => 0, 1000);
