// Slots for proofs: in order, and never more than there are.

import { describe, expect, it } from '@jest/globals';
import { ProofSlots } from '../../../../controller/function/proof-slots.ts';

describe('ProofSlots', () => {
  it('hands a slot that comes back to the one who has waited longest, once', async () => {
    const slots = new ProofSlots(1);
    const order: string[] = [];
    const first = await slots.take();
    const second = slots.take().then((release) => (order.push('second'), release));
    const third = slots.take().then((release) => (order.push('third'), release));
    first();
    first();
    const release = await second;
    expect(order).toEqual(['second']);
    release();
    (await third)();
    expect(order).toEqual(['second', 'third']);
    (await slots.take())();
  });
});
