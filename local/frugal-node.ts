// Node's flags for the platform's own processes on a laptop, where memory at rest counts more than peak speed.

export const frugalNode: readonly string[] = [
  // Young garbage is collected in smaller portions (default 16 MB per process and more).
  '--max-semi-space-size=2',
  // One thread beside the main one compiles and collects; each costs memory of its own.
  '--v8-pool-size=1',
  // Less inlining and lazier feedback: code and heap stay smaller.
  '--optimize-for-size',
  // For platform/process/trim-memory.ts.
  '--expose-gc',
];
