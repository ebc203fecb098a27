/** The rows that a person chose: some by their id, or all that the filter lets through. */
export type Selection = { readonly kind: 'some'; readonly ids: ReadonlySet<string> } | { readonly kind: 'all' };

export const NOTHING_SELECTED: Selection = { kind: 'some', ids: new Set() };

export function isSelected(selection: Selection, id: string): boolean {
  return selection.kind === 'all' || selection.ids.has(id);
}

/** From all, taking one away leaves none: what is out of sight cannot be named one by one. */
export function toggled(selection: Selection, id: string): Selection {
  if (selection.kind === 'all') {
    return NOTHING_SELECTED;
  }
  const ids = new Set(selection.ids);
  if (!ids.delete(id)) {
    ids.add(id);
  }
  return { kind: 'some', ids };
}

export function selectedCount(selection: Selection, total: number): number {
  return selection.kind === 'all' ? total : selection.ids.size;
}
