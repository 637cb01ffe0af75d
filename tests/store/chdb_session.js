// One engine in this process: requests {sql, format} a line on standard input, answers {text} or {error} a line.
const { createRequire } = require('node:module');
const { createInterface } = require('node:readline');
const { Session } = createRequire(process.argv[2] + '/')('chdb');
const session = new Session(process.argv[3]);
createInterface({ input: process.stdin }).on('line', (line) => {
  const { sql, format } = JSON.parse(line);
  let answer;
  try {
    answer = { text: session.query(sql, format) };
  } catch (error) {
    answer = { error: String(error.message || error) };
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
});
