/** From here on a reason code refuses. */
export const REFUSED = 0x80;
/** MQTT 3.1.1, section 3.2.2.3. */
export const CONNECT_REFUSALS: ReadonlyMap<number, string> = new Map([
  [1, 'unacceptable protocol version'],
  [2, 'client id rejected'],
  [3, 'server unavailable'],
  [4, 'bad user name or password'],
  [5, 'not authorized'],
]);
/** MQTT 5.0, section 2.4. */
const REASONS: ReadonlyMap<number, string> = new Map([
  [0x80, 'unspecified error'],
  [0x81, 'malformed packet'],
  [0x82, 'protocol error'],
  [0x83, 'implementation specific error'],
  [0x84, 'unsupported protocol version'],
  [0x85, 'client id not valid'],
  [0x86, 'bad user name or password'],
  [0x87, 'not authorized'],
  [0x88, 'server unavailable'],
  [0x89, 'server busy'],
  [0x8a, 'banned'],
  [0x8c, 'bad authentication method'],
  [0x8f, 'topic filter invalid'],
  [0x90, 'topic name invalid'],
  [0x91, 'packet id in use'],
  [0x92, 'packet id not found'],
  [0x95, 'packet too large'],
  [0x97, 'quota exceeded'],
  [0x99, 'payload format invalid'],
  [0x9a, 'retain not supported'],
  [0x9b, 'QoS not supported'],
  [0x9c, 'use another server'],
  [0x9d, 'server moved'],
  [0x9e, 'shared subscriptions not supported'],
  [0x9f, 'connection rate exceeded'],
  [0xa1, 'subscription ids not supported'],
  [0xa2, 'wildcards not supported'],
]);

export function reasonOf(reasonCode: number): string {
  return REASONS.get(reasonCode) ?? `reason ${reasonCode}`;
}
