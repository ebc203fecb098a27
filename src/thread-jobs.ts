import { DECODE_JOB, decodeJob } from './captures/jobs.ts';
import { ANALYZE_JOB, analyzeJob } from './inventory/jobs.ts';
import { registryVendors } from './inventory/oui-adapter.ts';
import { captureFile } from './platform/capture/capture-files.ts';
import { work } from './platform/threads/crew.ts';
import { UPLOAD_JOB, uploadJob } from './sensor/uploads/jobs.ts';
import { dissectors } from './wire/protocols/index.ts';

/** The composition root of a thread: every job that threads do. */
export function workAtJobs(): Promise<void> {
  const parts = { dissectors, openCapture: captureFile };
  return work(
    new Map([
      [DECODE_JOB, decodeJob(parts)],
      [ANALYZE_JOB, analyzeJob(parts)],
      [UPLOAD_JOB, uploadJob({ ...parts, vendorOfMac: registryVendors() })],
    ]),
  );
}
