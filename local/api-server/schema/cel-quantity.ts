// Kubernetes' quantity type in CEL: quantity('1Gi').isGreaterThan(...).

import type { Environment } from '@marcbachmann/cel-js';
import { parseQuantity } from './parse-quantity.ts';

class CelQuantity {
  readonly amount: number;
  constructor(amount: number) {
    this.amount = amount;
  }
}

type Other = CelQuantity | bigint;
const amountOf = (other: Other): number =>
  typeof other === 'bigint' ? Number(other) : other.amount;

export function registerQuantity(environment: Environment): void {
  const name = 'kubernetes.Quantity';
  environment
    .registerType(name, CelQuantity)
    .registerOperator(
      `${name} == ${name}`,
      (one: CelQuantity, other: CelQuantity) => one.amount === other.amount,
    )
    .registerFunction(
      'isQuantity(string): bool',
      (text: string) => parseQuantity(text) !== undefined,
    )
    .registerFunction(`quantity(string): ${name}`, (text: string) => {
      const amount = parseQuantity(text);
      if (amount === undefined)
        throw new Error('quantities must match the regular expression of a quantity');
      return new CelQuantity(amount);
    })
    .registerFunction(
      `${name}.isGreaterThan(${name}): bool`,
      (one: CelQuantity, other: CelQuantity) => one.amount > other.amount,
    )
    .registerFunction(
      `${name}.isLessThan(${name}): bool`,
      (one: CelQuantity, other: CelQuantity) => one.amount < other.amount,
    )
    .registerFunction(`${name}.compareTo(${name}): int`, (one: CelQuantity, other: CelQuantity) =>
      BigInt(Math.sign(one.amount - other.amount)),
    )
    .registerFunction(`${name}.sign(): int`, (one: CelQuantity) => BigInt(Math.sign(one.amount)))
    .registerFunction(`${name}.isInteger(): bool`, (one: CelQuantity) =>
      Number.isInteger(one.amount),
    )
    .registerFunction(`${name}.asInteger(): int`, (one: CelQuantity) => BigInt(one.amount))
    .registerFunction(`${name}.asApproximateFloat(): double`, (one: CelQuantity) => one.amount);
  for (const type of [name, 'int']) {
    environment
      .registerFunction(
        `${name}.add(${type}): ${name}`,
        (one: CelQuantity, other: Other) => new CelQuantity(one.amount + amountOf(other)),
      )
      .registerFunction(
        `${name}.sub(${type}): ${name}`,
        (one: CelQuantity, other: Other) => new CelQuantity(one.amount - amountOf(other)),
      );
  }
}
