export interface DifferenceTables {
  difference_decision: DifferenceDecisionRow;
}

/** What a person decided about a difference between what is documented and what was observed. */
interface DifferenceDecisionRow {
  /** Asset, kind and attribute. */
  readonly id: string;
  readonly asset: string;
  readonly site: string;
  /** JSON of both values: it holds as long as they stay so. */
  readonly about: string;
  /** `accepted` or `refused`. */
  readonly state: string;
  readonly at: string;
  readonly by: string;
  readonly note: string | null;
}
