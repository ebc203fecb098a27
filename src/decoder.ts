import { randomInt } from 'node:crypto';
import { argv } from 'node:process';
import { registryVendors } from './inventory/oui-adapter.ts';
import { captureFile } from './platform/capture/capture-files.ts';
import { decodeLive } from './sensor/decoder/jobs.ts';
import type { DecoderOrder } from './sensor/decoder/word.ts';
import { dissectors } from './wire/protocols/index.ts';

/** Where the decoder of a sensor begins: a process that may read the files of this program and nothing else. */
const order = JSON.parse(argv[2] ?? '') as DecoderOrder;
await decodeLive({
  dissectors,
  vendorOfMac: registryVendors(),
  seed: randomInt(2 ** 32),
  order,
  source: captureFile('-'),
});
