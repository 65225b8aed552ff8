// A time limit for something that the network does, which a process short of processor time does not hit by itself.

/**
 * Calls back once, `ms` milliseconds from now, after the sockets have had their say: Node looks at its timers first, so
 * a process that got no processor for that long would find the time over before an answer that has long been there.
 * Gives what cancels it.
 */
export function setLateTimer(callback: () => void, ms: number): () => void {
  let immediate: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    immediate = setImmediate(callback);
  }, ms);
  return () => {
    clearTimeout(timer);
    clearImmediate(immediate);
  };
}
