// A sensor without ears, to be killed: record number n is always the same conversation, so that what the hub has of it can be checked.
import { randomBytes } from 'node:crypto';
import { argv } from 'node:process';
import { createPoster } from '../src/platform/http/post.ts';
import { Courier, encoded, openSpool, rankOf } from '../src/sensor/courier/jobs.ts';

const [, , hub = '', id = '', secret = '', folder = '', perSecond = '1000'] = argv;
const SYNC_EVERY = 20;
const spool = openSpool({
  folder,
  mostBytes: 1_073_741_824,
  mostAge: 86_400_000,
  newEpoch: () => randomBytes(8).toString('hex'),
});
const each = (Number(perSecond) * SYNC_EVERY) / 1000;
setInterval(() => {
  for (let count = 0; count < each; count++) {
    const sequence = spool.last + 1;
    const seen = { firstSeen: 1_772_452_800_000_000, lastSeen: 1_772_452_800_000_000 };
    const flow = {
      ...{ kind: 'conversation', scope: id, clientAddress: '10.0.0.1', target: `n${sequence}`, transport: 'udp' },
      ...{ port: 1, flows: 1, packets: 1, bytes: 60, operations: [], ...seen },
    };
    spool.append(rankOf('flow'), Date.now(), encoded(flow));
  }
  spool.sync();
}, SYNC_EVERY);
// Each line is what this sensor knows to be in the database of the hub.
setInterval(() => process.stdout.write(`${spool.through}\n`), SYNC_EVERY);
await new Courier({
  spool,
  poster: createPoster(new URL(hub), undefined),
  sensor: id,
  secret,
  told: () => undefined,
}).run();
