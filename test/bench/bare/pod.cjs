// The least that a pod can serve, on $PORT: the plain image of the cluster's benchmarks.
const { createServer } = require('node:http');

createServer((request, response) => response.end('hello')).listen(Number(process.env.PORT ?? 8080));
// Process 1 has no default action for signals: without this a pod would live for its whole grace period.
process.on('SIGTERM', () => process.exit(0));
