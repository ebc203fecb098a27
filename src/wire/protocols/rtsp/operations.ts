import { defineOperations, type Operation } from '../../dissector.ts';

/** RFC 2326, section 10; RFC 7826, section 13. */
export const OPERATIONS = defineOperations({
  options: ['ask for options', 'session'],
  describe: ['ask for the description', 'discover'],
  setup: ['set up a stream', 'session'],
  play: ['play', 'read'],
  pause: ['pause', 'session'],
  teardown: ['tear down', 'session'],
  announce: ['announce a stream', 'session'],
  record: ['record', 'write'],
  getParameter: ['get a parameter', 'session'],
  setParameter: ['set a parameter', 'configure'],
  redirect: ['redirect', 'session'],
  playNotify: ['play notification', 'session'],
  answer: ['answer', 'session'],
  unknown: ['unknown method', 'unknown'],
});

export const METHODS: ReadonlyMap<string, Operation> = new Map([
  ['OPTIONS', OPERATIONS.options],
  ['DESCRIBE', OPERATIONS.describe],
  ['SETUP', OPERATIONS.setup],
  ['PLAY', OPERATIONS.play],
  ['PAUSE', OPERATIONS.pause],
  ['TEARDOWN', OPERATIONS.teardown],
  ['ANNOUNCE', OPERATIONS.announce],
  ['RECORD', OPERATIONS.record],
  ['GET_PARAMETER', OPERATIONS.getParameter],
  ['SET_PARAMETER', OPERATIONS.setParameter],
  ['REDIRECT', OPERATIONS.redirect],
  ['PLAY_NOTIFY', OPERATIONS.playNotify],
]);

/** Methods that only clients send (RFC 7826, table 8). */
export const OF_CLIENTS: ReadonlySet<Operation> = new Set([
  OPERATIONS.describe,
  OPERATIONS.setup,
  OPERATIONS.play,
  OPERATIONS.pause,
  OPERATIONS.record,
]);
