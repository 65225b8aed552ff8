// stub
import type { AdapterInput } from './create-adapter.ts';
import type { SignatureAdapter } from './invocation.ts';
export function createCloudeventAdapter(_input: AdapterInput): SignatureAdapter {
  throw new Error('not yet');
}
