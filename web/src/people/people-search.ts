export interface PeopleSearch {
  readonly part?: 'activity';
  /** Narrows the record of who did what. */
  readonly actor?: string;
}

export function peopleSearch({ part, actor }: Record<string, unknown>): PeopleSearch {
  return {
    ...(part === 'activity' ? { part } : {}),
    ...(typeof actor === 'string' && actor !== '' ? { actor } : {}),
  };
}
