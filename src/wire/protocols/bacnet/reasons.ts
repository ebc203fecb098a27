/** Clause 18: why a request was not carried out, for the codes that are met every day; any other is a number. */

const CLASSES = [
  'device',
  'object',
  'property',
  'resources',
  'security',
  'services',
  'virtual terminal',
  'communication',
];

const CODES: ReadonlyMap<number, string> = new Map([
  [0, 'other'],
  [2, 'configuration in progress'],
  [3, 'device busy'],
  [4, 'dynamic creation not supported'],
  [5, 'file access denied'],
  [9, 'invalid data type'],
  [20, 'no objects of the specified type'],
  [23, 'object deletion not permitted'],
  [25, 'operational problem'],
  [26, 'password failure'],
  [27, 'read access denied'],
  [29, 'service request denied'],
  [30, 'timeout'],
  [31, 'unknown object'],
  [32, 'unknown property'],
  [36, 'unsupported object type'],
  [37, 'value out of range'],
  [40, 'write access denied'],
  [41, 'character set not supported'],
  [42, 'invalid array index'],
  [43, 'COV subscription failed'],
  [44, 'not a COV property'],
  [45, 'optional functionality not supported'],
  [47, 'data type not supported'],
  [50, 'property is no array'],
]);

const REJECTIONS = [
  'other',
  'buffer overflow',
  'inconsistent parameters',
  'invalid parameter data type',
  'invalid tag',
  'missing required parameter',
  'parameter out of range',
  'too many arguments',
  'undefined enumeration',
  'unrecognized service',
];

const ABORTS = [
  'other',
  'buffer overflow',
  'invalid APDU in this state',
  'preempted by a higher priority task',
  'segmentation not supported',
  'security error',
  'insufficient security',
  'window size out of range',
  'application exceeded reply time',
  'out of resources',
  'timeout of the state machine',
  'APDU too long',
];

export function errorText(errorClass: number, code: number): string {
  return `${CLASSES[errorClass] ?? `class ${errorClass}`}: ${CODES.get(code) ?? `code ${code}`}`;
}

export function rejectText(reason: number): string {
  return `rejected: ${REJECTIONS[reason] ?? `reason ${reason}`}`;
}

export function abortText(reason: number): string {
  return `aborted: ${ABORTS[reason] ?? `reason ${reason}`}`;
}
