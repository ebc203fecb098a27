/** What the address of *Today* carries. */
export interface TodaySearch {
  readonly kind?: string;
}

export function todaySearch({ kind }: Record<string, unknown>): TodaySearch {
  return typeof kind === 'string' ? { kind } : {};
}
