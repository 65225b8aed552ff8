// Stops with one clear sentence where the Node that runs the scripts is too old to strip types.

const majorMin = 24;
const major = Number(process.versions.node.split('.')[0]);

if (major < majorMin) {
  console.error(
    `Rouse runs on Node ${majorMin} or newer, and this is Node ${process.versions.node}: run "npm ci", ` +
      `which installs the right Node into node_modules, and start the parts by "npm start" or "npm run NAME".`,
  );
  process.exit(1);
}
