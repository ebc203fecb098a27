export interface PlantTables {
  place: PlaceRow;
  place_rule: PlaceRuleRow;
  placement: PlacementRow;
}

/** A site, area, line or cell. A site is a place without parent, and its own site. */
interface PlaceRow {
  readonly id: string;
  readonly site: string;
  readonly parent: string | null;
  readonly kind: string;
  readonly name: string;
  /** 1 is the most important, 5 the least. */
  readonly priority: number | null;
  readonly owner: string | null;
  readonly loss_per_hour: number | null;
}

/** Where assets of a site stand; the first rule that fits decides. */
interface PlaceRuleRow {
  readonly site: string;
  readonly position: number;
  readonly kind: string;
  readonly pattern: string;
  readonly place: string;
}

/** Where an asset stands. Who has no row stands nowhere. */
interface PlacementRow {
  readonly asset: string;
  readonly site: string;
  readonly place: string;
  /** `hand` or `rule`: what a person said stays until the person takes it back. */
  readonly by: string;
}
