/** A capture that somebody handed in. */
export interface UploadRow {
  readonly id: string;
  readonly site: string;
  readonly name: string;
  readonly network: string;
  readonly by: string;
  readonly at: string;
  readonly size: number;
  readonly state: 'waiting' | 'analysing' | 'done' | 'refused' | 'cancelled';
  /** 0 to 1. */
  readonly progress: number;
  readonly counts: {
    readonly packets: number;
    readonly assets: number;
    readonly conversations: number;
    readonly findings: number;
  } | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}
