// The least a Node HTTP server can be, as an ES module: what a cold start is compared with.
import { createServer } from 'node:http';
createServer((request, response) => response.end('hello')).listen(0, '127.0.0.1', function () {
  console.log(this.address().port);
});
