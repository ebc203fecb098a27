import type { Ber } from '../../stack/ber.ts';
import type { Draft } from './fields.ts';

/** Section 7.4.1, classes of errors, and the codes of the class `access`. */
const ERROR_CLASSES: readonly string[] = [
  'VMD state',
  'application reference',
  'definition',
  'resource',
  'service',
  'service preempt',
  'time resolution',
  'access',
  'initiate',
  'conclude',
  'cancel',
  'file',
  'other',
];
const ACCESS_CLASS = 7;
const ACCESS_ERRORS: readonly string[] = [
  'access error',
  'access unsupported',
  'object does not exist',
  'access denied',
  'object invalidated',
];
/** Section 14.3.1, DataAccessError. */
const DATA_ACCESS_ERRORS: readonly string[] = [
  'object invalidated',
  'hardware fault',
  'temporarily unavailable',
  'access denied',
  'object undefined',
  'invalid address',
  'type unsupported',
  'type inconsistent',
  'attribute inconsistent',
  'access unsupported',
  'object does not exist',
  'value invalid',
];

const ERROR_CLASS = 0xa0;

/** Which alternative of a CHOICE this is (a service, a class of errors): tags of one octet, or of two from 31 on. */
export function choiceOf(tag: number): number {
  return tag > 0xff ? tag & 0x7f : tag & 0x1f;
}

/** Why a variable could not be accessed. */
export function accessError(code: number): string {
  return DATA_ACCESS_ERRORS[code] ?? `data access error ${code}`;
}

/** ServiceError: its class and code, and what they mean. */
export function readServiceError(error: Ber, fields: Draft): string {
  while (error.next()) {
    if (error.tag === ERROR_CLASS) {
      const kind = error.children();
      if (kind.next()) {
        fields.errorClass = choiceOf(kind.tag);
        fields.errorCode = kind.unsigned();
      }
    }
  }
  const { errorClass = -1, errorCode = 0 } = fields;
  const access = errorClass === ACCESS_CLASS ? ACCESS_ERRORS[errorCode] : undefined;
  return access ?? `${ERROR_CLASSES[errorClass] ?? 'unknown'} error ${errorCode}`;
}
