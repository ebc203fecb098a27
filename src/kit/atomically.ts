/**
 * All that `work` writes, or nothing. It is durable once this resolves. `work` may run more than once, so it touches nothing but
 * the stores; what may fail for a reason of the caller's is judged before the first write.
 */
export type Atomically<Stores> = <T>(work: (stores: Stores) => Promise<T>) => Promise<T>;
