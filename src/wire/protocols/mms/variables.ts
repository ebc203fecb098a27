import type { Operation } from '../../dissector.ts';
import { type Ber, Tag } from '../../stack/ber.ts';
import type { Draft } from './fields.ts';
import { OPERATIONS, writeOperation } from './operations.ts';

/** ISO 9506-2, section 14: names of objects, lists of variables, values. */
const VMD_SPECIFIC = 0x80;
const DOMAIN_SPECIFIC = 0xa1;
const ASSOCIATION_SPECIFIC = 0x82;
const LIST_OF_VARIABLES = 0xa0;
const NAMED_LIST = 0xa1;
const NAME = 0xa0;
const FAILURE = 0x80;
const STRUCTURE = 0xa2;
const VISIBLE_STRING = 0x8a;
const MMS_STRING = 0x90;

/** Worst last, to tell what a write of several variables does. */
const RANKS: readonly Operation[] = [
  OPERATIONS.subscribe,
  OPERATIONS.write,
  OPERATIONS.configure,
  OPERATIONS.cancelOperate,
  OPERATIONS.select,
  OPERATIONS.operate,
];

/** An ObjectName: fills in the name, which holds for the first variable only. */
export function readName(name: Ber, fields: Draft): void {
  if (name.tag === DOMAIN_SPECIFIC) {
    const parts = name.children();
    fields.domainId = parts.next() ? parts.text() : '';
    fields.itemId = parts.next() ? parts.text() : '';
  } else if (name.tag === VMD_SPECIFIC || name.tag === ASSOCIATION_SPECIFIC) {
    fields.itemId = name.text();
  }
}

/** VariableAccessSpecification: variables one by one, or a list that has a name. Returns what writing them would do. */
export function readVariables(specification: Ber, fields: Draft, writes: boolean): Operation {
  if (specification.tag === NAMED_LIST) {
    const name = specification.children();
    if (name.next()) {
      readName(name, fields);
    }
    return OPERATIONS.write;
  }
  return specification.tag === LIST_OF_VARIABLES
    ? readList(specification.children(), fields, writes)
    : OPERATIONS.write;
}

function readList(list: Ber, fields: Draft, writes: boolean): Operation {
  let worst = OPERATIONS.subscribe;
  let variables = 0;
  while (list.next()) {
    variables++;
    if (list.tag === Tag.sequence && (writes || variables === 1)) {
      const operation = readVariable(list, variables === 1 ? fields : { pduType: '' });
      worst = RANKS.indexOf(operation) > RANKS.indexOf(worst) ? operation : worst;
    }
  }
  fields.variables = variables;
  return variables === 0 ? OPERATIONS.write : worst;
}

function readVariable(variable: Ber, fields: Draft): Operation {
  const specification = variable.children();
  if (specification.next() && specification.tag === NAME) {
    const name = specification.children();
    if (name.next()) {
      readName(name, fields);
    }
  }
  return writeOperation(fields.itemId ?? '');
}

/** Results of a read, or of a write: each a failure with its reason, or a value. */
export function readResults(results: Ber, fields: Draft): void {
  let count = 0;
  let failures = 0;
  while (results.next()) {
    count++;
    if (results.tag === FAILURE) {
      failures++;
      fields.errorCode ??= results.unsigned();
    }
  }
  fields.variables = count;
  fields.failures = failures;
}

/** Paths of IEC 61850-7-4: the nameplate of the physical device and those of logical nodes, whole or a part. */
const NAMEPLATE = /^(?:LPHD\d*\$DC\$PhyNam|LLN0\$DC\$NamPlt)(?:\$(\w+))?$/;
const LEAVES: ReadonlyMap<string, 'vendorName' | 'modelName' | 'revision' | 'hardwareRevision' | 'serialNumber'> =
  new Map([
    ['vendor', 'vendorName'],
    ['model', 'modelName'],
    ['swRev', 'revision'],
    ['hwRev', 'hardwareRevision'],
    ['serNum', 'serialNumber'],
  ]);
/** IEC 61850-7-3, class DPL: vendor is mandatory, the others are not; a structure with all of them up to the model is clear. */
const WHOLE_PLATE = ['vendorName', 'hardwareRevision', 'revision', 'serialNumber', 'modelName'] as const;

/** The first value of an answer to a read of a nameplate, by the name that was asked for. */
export function readNameplate(value: Ber, item: string, fields: Draft): void {
  const match = NAMEPLATE.exec(item);
  if (!match) {
    return;
  }
  const leaf = match[1];
  if (leaf === undefined) {
    readPlate(value.tag === STRUCTURE ? plateTexts(value) : [], item.startsWith('LPHD'), fields);
    return;
  }
  const field = LEAVES.get(leaf);
  if (field && isText(value)) {
    fields[field] = value.text();
  }
}

function readPlate(texts: readonly string[], physical: boolean, fields: Draft): void {
  if (physical && texts.length >= WHOLE_PLATE.length) {
    for (const [at, field] of WHOLE_PLATE.entries()) {
      fields[field] = texts[at] ?? '';
    }
  } else if (texts.length > 0) {
    fields.vendorName = texts[0] ?? '';
    if (!physical) {
      // In class LPL the revision of the software is mandatory, too.
      fields.revision = texts[1] ?? '';
    }
  }
}

const MOST_TEXTS = 8;

function plateTexts(structure: Ber): readonly string[] {
  const texts: string[] = [];
  const values = structure.children();
  while (texts.length < MOST_TEXTS && values.next() && isText(values)) {
    texts.push(values.text());
  }
  return texts;
}

function isText(value: Ber): boolean {
  return value.tag === VISIBLE_STRING || value.tag === MMS_STRING;
}
