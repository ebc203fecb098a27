/** Reads what an event carries: JSON of the API that grew from traffic, so nothing of it is taken for granted. */

type Named = Readonly<Record<string, unknown>>;

function named(value: unknown): Named {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Named) : {};
}

/** A text, or several. */
export function textsOf(value: unknown, name: string): readonly string[] {
  return [named(value)[name]].flat().filter((one): one is string => typeof one === 'string' && one !== '');
}

export interface ToldOperation {
  readonly protocol: string;
  readonly name: string;
  readonly effect: string;
  readonly count: number;
}

export function operationsOf(value: unknown): readonly ToldOperation[] {
  return [named(value)['operations']].flat().flatMap((one) => {
    const { protocol, name, effect, count } = named(one);
    return typeof name === 'string'
      ? [{ protocol: String(protocol ?? ''), name, effect: String(effect ?? ''), count: Number(count) || 1 }]
      : [];
  });
}

export interface ToldService {
  readonly protocol: string | undefined;
  readonly transport: string;
  readonly port: number;
}

export function servicesOf(value: unknown): readonly ToldService[] {
  return [named(value)['services']].flat().flatMap((one) => {
    const { protocol, transport, port } = named(one);
    return typeof transport === 'string' && typeof port === 'number'
      ? [{ protocol: typeof protocol === 'string' ? protocol : undefined, transport, port }]
      : [];
  });
}

export function outlineOf(value: unknown) {
  const [vendor] = textsOf(value, 'vendor');
  const [product] = textsOf(value, 'product');
  const [firmware] = textsOf(value, 'firmware');
  return { vendor, product, firmware, addresses: textsOf(value, 'addresses').slice(0, MOST_ADDRESSES) };
}

const MOST_ADDRESSES = 3;

/** When something was last seen, as ISO 8601; it is told in microseconds. */
export function timeOf(value: unknown): string | undefined {
  const { lastSeen } = named(value);
  return typeof lastSeen === 'number' ? new Date(lastSeen / 1000).toISOString() : undefined;
}

/** Attribute by attribute, where both sides tell the same ones as text. */
export function linesOf(
  before: unknown,
  after: unknown,
): readonly { readonly attribute: string; readonly was: string; readonly is: string }[] | undefined {
  const lines = Object.keys(named(after)).map((attribute) => ({
    attribute,
    was: textsOf(before, attribute).join(', '),
    is: textsOf(after, attribute).join(', '),
  }));
  return lines.length > 0 && lines.every(({ was, is }) => was !== '' && is !== '') ? lines : undefined;
}
