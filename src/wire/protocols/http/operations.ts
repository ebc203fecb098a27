import { defineOperations, type Operation } from '../../dissector.ts';

/** RFC 9110, chapter 9, RFC 5789 and RFC 4918, with what a request does to the device behind. */
export const OPERATIONS = defineOperations({
  get: ['GET', 'read'],
  head: ['HEAD', 'read'],
  post: ['POST', 'write'],
  put: ['PUT', 'write'],
  patch: ['PATCH', 'write'],
  delete: ['DELETE', 'write'],
  options: ['OPTIONS', 'discover'],
  connect: ['CONNECT', 'session'],
  trace: ['TRACE', 'read'],
  find: ['PROPFIND', 'read'],
  change: ['change files', 'write'],
  subscribe: ['subscribe to events', 'read'],
  notify: ['NOTIFY', 'report'],
  login: ['log in', 'authenticate'],
  firmware: ['upload firmware', 'firmware'],
  page: ['page', 'report'],
  answer: ['answer', 'unknown'],
  unknown: ['unknown method', 'unknown'],
});

const BY_METHOD: ReadonlyMap<string, Operation> = new Map([
  ['GET', OPERATIONS.get],
  ['HEAD', OPERATIONS.head],
  ['POST', OPERATIONS.post],
  ['PUT', OPERATIONS.put],
  ['PATCH', OPERATIONS.patch],
  ['DELETE', OPERATIONS.delete],
  ['OPTIONS', OPERATIONS.options],
  ['CONNECT', OPERATIONS.connect],
  ['TRACE', OPERATIONS.trace],
  ['PROPFIND', OPERATIONS.find],
  ['REPORT', OPERATIONS.find],
  ['SEARCH', OPERATIONS.find],
  ['PROPPATCH', OPERATIONS.change],
  ['MKCOL', OPERATIONS.change],
  ['COPY', OPERATIONS.change],
  ['MOVE', OPERATIONS.change],
  ['LOCK', OPERATIONS.change],
  ['UNLOCK', OPERATIONS.change],
  ['SUBSCRIBE', OPERATIONS.subscribe],
  ['UNSUBSCRIBE', OPERATIONS.subscribe],
  ['NOTIFY', OPERATIONS.notify],
]);

/** Paths by which web interfaces take a new firmware. It is a guess by name: nothing on the wire says what the file is. */
const FIRMWARE = /firmware|fwup|fw_up|sysupgrade|system-?update|flash(?:ing|_?update)|\.(?:fw|fwu|upd|fwl)(?:$|\?)/i;
const LOGIN = /(?:^|[/._-])(?:log-?in|sign-?in|log-?on|auth|authenticate|j_security_check)(?:$|[/.?_-])/i;

export function operationOf(method: string, target: string, hasPassword: boolean): Operation {
  const operation = BY_METHOD.get(method) ?? OPERATIONS.unknown;
  if (operation !== OPERATIONS.post && operation !== OPERATIONS.put) {
    return operation;
  }
  if (FIRMWARE.test(target)) {
    return OPERATIONS.firmware;
  }
  return hasPassword || LOGIN.test(target) ? OPERATIONS.login : operation;
}
