import type { Operation } from '../wire/dissector.ts';
import type { Effect } from '../wire/observation.ts';

/** An operation of a protocol, with a number of its own. */
export interface OperationKind extends Operation {
  readonly id: number;
  readonly protocol: string;
}

/** All operations that were seen. The tables of the dissectors bound them. */
export class OperationKinds {
  readonly all: OperationKind[] = [];
  readonly #byName: Map<string, OperationKind> = new Map();
  readonly #byOperation: Map<Operation, OperationKind> = new Map();

  /** The kind of an operation that a dissector gave out. */
  of(operation: Operation, protocol: string): OperationKind {
    const known = this.#byOperation.get(operation);
    if (known?.protocol === protocol) {
      return known;
    }
    const kind = this.named(protocol, operation.name, operation.effect);
    this.#byOperation.set(operation, kind);
    return kind;
  }

  named(protocol: string, name: string, effect: Effect): OperationKind {
    const key = `${protocol}|${effect}|${name}`;
    const known = this.#byName.get(key);
    if (known !== undefined) {
      return known;
    }
    const kind = { id: this.all.length, protocol, name, effect };
    this.all.push(kind);
    this.#byName.set(key, kind);
    return kind;
  }
}
