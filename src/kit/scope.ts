/**
 * The sites whose data somebody may see or change: every read of stored data asks for one, so that a forgotten filter does not
 * compile. What lies outside is not there for the reader.
 */
export type Scope = 'all' | ReadonlySet<string>;

export function inScope(scope: Scope, site: string): boolean {
  return scope === 'all' || scope.has(site);
}
