import module from 'node:module';
import { DECODE_JOB, decodeJob } from './captures/jobs.ts';
import { ANALYZE_JOB, analyzeJob } from './inventory/jobs.ts';
import { captureFile } from './platform/capture/capture-files.ts';
import { work } from './platform/threads/crew.ts';
import { dissectors } from './wire/protocols/index.ts';

/** Where a thread begins that takes a share of the work; it knows every job that threads do. */
module.enableCompileCache();
const parts = { dissectors, openCapture: captureFile };

await work(
  new Map([
    [DECODE_JOB, decodeJob(parts)],
    [ANALYZE_JOB, analyzeJob(parts)],
  ]),
);
