import module from 'node:module';

/** Where a thread begins that takes a share of the work. What it needs is loaded once the cache of compiled code is open. */
module.enableCompileCache();
const { workAtJobs } = await import('./thread-jobs.ts');
await workAtJobs();
