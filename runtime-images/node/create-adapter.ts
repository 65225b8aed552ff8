// Makes what serves requests out of a handler and the signature it has.

import type { FoundHandler } from './pick-handler.ts';
import type { FoundSignature } from './pick-signature.ts';
import type { SignatureAdapter } from './invocation.ts';
import type { SpecializeBundle } from './contract-names.ts';
import { createCloudeventAdapter } from './signature-cloudevent.ts';
import { createFetchAdapter } from './signature-fetch.ts';
import { createHttpAdapter } from './signature-http.ts';
import { createLambdaAdapter } from './signature-lambda.ts';

export interface AdapterInput {
  /** Everything the file exports, for signatures that look at more than the handler. */
  readonly module: unknown;
  readonly found: FoundHandler;
  readonly bundle: SpecializeBundle;
  readonly bodyBytesMax: number;
}

/** Rejects with a LoadFailure when the handler can't have this signature. */
export async function createAdapter(
  signature: FoundSignature,
  input: AdapterInput,
): Promise<SignatureAdapter> {
  switch (signature) {
    case 'lambda':
      return createLambdaAdapter(input);
    case 'http':
      return createHttpAdapter(input);
    case 'fetch':
      return createFetchAdapter(input);
    case 'cloudevent':
      return createCloudeventAdapter(input);
  }
}
