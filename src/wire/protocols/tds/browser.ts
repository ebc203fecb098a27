import { Malformed, type Reading } from '../../dissector.ts';
import type { Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { LONG_TEXT } from '../../text.ts';
import { type Fields, OPERATIONS, type SqlInstance } from './common.ts';

/** MC-SQLR, section 2.2: who asks everybody, one server, or one instance, and the answer. */
const ASK_ALL = 0x02;
const ASK_ONE = 0x03;
const ASK_INSTANCE = 0x04;
const ANSWER = 0x05;
const ASK_ADMINISTRATION = 0x0f;
const MOST_INSTANCES = 64;
/** An answer is a list of names and values, ended by an empty name. */
const FIRST_NAME = 'ServerName;';

/** A question is a byte or two: on the service's own port only. */
export function recogniseBrowser(reader: Reader, ownPort: boolean): 'strong' | 'weak' | 'no' {
  const type = reader.peek(0);
  if (type === ANSWER) {
    const length = reader.peek(1) | (reader.peek(2) << 8);
    return length > 0 && isName(reader, 3) ? 'strong' : likelihood(ownPort);
  }
  const alone = reader.remaining === 1 && (type === ASK_ALL || type === ASK_ONE);
  return likelihood(ownPort && (alone || type === ASK_INSTANCE || type === ASK_ADMINISTRATION));
}

function likelihood(plausible: boolean): 'weak' | 'no' {
  return plausible ? 'weak' : 'no';
}

export function readBrowser(reader: Reader): Reading<Fields> | Malformed {
  const type = reader.u8();
  switch (type) {
    case ASK_ALL:
    case ASK_ONE:
      return { direction: 'request', operation: OPERATIONS.browse, pair: 0, proves: true, fields: { type } };
    case ASK_INSTANCE: {
      const instance = reader.textZ();
      return { direction: 'request', operation: OPERATIONS.browse, pair: 0, proves: true, fields: { type, instance } };
    }
    case ASK_ADMINISTRATION: {
      reader.skip(1);
      const instance = reader.textZ();
      return { direction: 'request', operation: OPERATIONS.browse, pair: 0, proves: true, fields: { type, instance } };
    }
    case ANSWER:
      return readAnswer(reader, type);
    default:
      return new Malformed(`message type ${type}`);
  }
}

function readAnswer(reader: Reader, type: number): Reading<Fields> {
  reader.limit(reader.u16le());
  const instances: SqlInstance[] = [];
  const { operation, direction } = { operation: OPERATIONS.browse, direction: 'response' } as const;
  if (!isName(reader, 0)) {
    // The address of the administrator's connection, in numbers.
    return { direction, operation, pair: 0, fields: { type } };
  }
  for (const entry of reader.text(reader.remaining, 'latin-1', LONG_TEXT * 4).split(';;', MOST_INSTANCES)) {
    if (entry !== '') {
      instances.push(instanceOf(entry.split(';')));
    }
  }
  return { direction, operation, pair: 0, fields: { type, instances } };
}

function instanceOf(words: readonly string[]): SqlInstance {
  const value = (name: string) => {
    const at = words.indexOf(name);
    return at >= 0 && at % 2 === 0 ? words[at + 1] : undefined;
  };
  const port = Number(value('tcp'));
  return {
    server: value('ServerName') ?? '',
    instance: value('InstanceName') ?? '',
    version: value('Version') ?? '',
    ...(Number.isInteger(port) && port > 0 && port < 0x10000 ? { port } : {}),
  };
}

export function observeBrowser(instances: readonly SqlInstance[]): readonly Observation[] {
  const observations: Observation[] = [];
  const [first] = instances;
  if (first !== undefined) {
    observations.push({
      kind: 'identity',
      subject: 'sender',
      basis: 'announcement',
      ...(first.server === '' ? {} : { name: first.server }),
    });
    observations.push({
      kind: 'role',
      subject: 'sender',
      role: 'server',
      reason: 'offers Microsoft SQL Server',
      basis: 'announcement',
    });
  }
  for (const { port, version, instance } of instances) {
    if (port !== undefined) {
      observations.push({
        kind: 'service',
        subject: 'sender',
        port,
        banner: `Microsoft SQL Server ${version} ${instance}`,
      });
    }
  }
  return observations;
}

function isName(reader: Reader, at: number): boolean {
  for (let next = 0; next < FIRST_NAME.length; next++) {
    if (reader.peek(at + next) !== FIRST_NAME.charCodeAt(next)) {
      return false;
    }
  }
  return true;
}
