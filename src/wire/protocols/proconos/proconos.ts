import { type Context, defineDissector, MORE, NOT_MINE, NOTHING } from '../../dissector.ts';
import { known, type Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { CLASSIC_HEADER, CLASSIC_MARK, checks, classicLength, readClassic } from './classic.ts';
import { FIELDS, type Fields, OPERATIONS } from './fields.ts';
import { isMarked, mayBeRemoting, REMOTING_HEADER, readRemoting, remotingLength } from './remoting.ts';

export const proconos = defineDissector<Fields>({
  name: 'proconos',
  title: 'ProConOS',
  source: 'Public research on ports 20547 and 41100; there is no published specification',
  at: [{ tcp: 20547 }, { tcp: 41100 }],
  operations: OPERATIONS,
  fields: FIELDS,

  cut(reader) {
    const { remaining } = reader;
    if (remaining === 0) {
      return MORE;
    }
    if (reader.peek() === CLASSIC_MARK) {
      return remaining < CLASSIC_HEADER ? MORE : classicLength(reader) || NOT_MINE;
    }
    if (!mayBeRemoting(reader)) {
      return NOT_MINE;
    }
    return remaining < REMOTING_HEADER ? MORE : remotingLength(reader);
  },

  recognise(reader) {
    if (reader.peek() === CLASSIC_MARK) {
      return recogniseClassic(reader);
    }
    if (reader.remaining < REMOTING_HEADER || !mayBeRemoting(reader)) {
      return 'no';
    }
    return isMarked(reader) ? 'strong' : remotingLength(reader) === reader.remaining ? 'weak' : 'no';
  },

  read(reader, context) {
    return reader.peek() === CLASSIC_MARK || reader.remaining === 0
      ? readClassic(reader, context)
      : readRemoting(reader, context);
  },

  observe({ fields }, context) {
    return fields.runtime || fields.plcType ? identityOf(fields, context) : NOTHING;
  },
});

function recogniseClassic(reader: Reader): 'strong' | 'no' {
  const length = reader.remaining < CLASSIC_HEADER ? 0 : classicLength(reader);
  return length > 0 && length <= reader.remaining && checks(reader, length) ? 'strong' : 'no';
}

function identityOf({ plcType, runtime }: Fields, context: Context): readonly Observation[] {
  const said = `${plcType} ${runtime}`;
  if (context.recall('proconos') === said) {
    return NOTHING;
  }
  context.remember('proconos', said);
  const identity = known({ product: plcType, firmware: runtime });
  return [{ kind: 'identity', subject: 'sender', basis: 'identification', ...identity }];
}
