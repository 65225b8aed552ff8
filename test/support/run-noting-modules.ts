// Loaded ahead of a program: says on its standard error, when it ends, which packages of OpenTelemetry it has loaded.

import { registerHooks } from 'node:module';

const packages = new Set<string>();

registerHooks({
  load(url, context, next) {
    const name = /\/@opentelemetry\/([\w-]+)\//.exec(url)?.[1];
    if (name !== undefined) packages.add(name);
    return next(url, context);
  },
});
process.on('exit', () => {
  process.stderr.write(`loaded: ${[...packages].sort().join(' ')}\n`);
});
