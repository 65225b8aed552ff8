// A failure whose message is all a user needs: printed as one line, with no stack.

export class StopError extends Error {
  override readonly name = 'StopError';
}
