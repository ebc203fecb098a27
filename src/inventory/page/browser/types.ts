import type { AnalysisJson } from '../../report.ts';

/** The shapes that the page's program shares. It is JavaScript, because it runs as it stands; types are checked. */

export type Analysis = AnalysisJson;
export type Asset = AnalysisJson['assets'][number];
export type Conversation = AnalysisJson['conversations'][number];
export type Operation = Conversation['operations'][number];
export type Finding = AnalysisJson['findings'][number];
export type Zone = AnalysisJson['zones'][number];
export type Evidence = Asset['evidence'][number];
export type Severity = Finding['severity'];
export type Effect = Operation['effect'];
export type Role = Asset['role'];

export type Child = Node | string | number | null | undefined | false;
export type Children = readonly (Child | readonly Child[])[];
export type Props = Readonly<Record<string, string | number | boolean | undefined | EventListener>>;

/** A part of the page, shown one at a time. */
export interface View {
  readonly element: HTMLElement;
  readonly title: string;
  /** Draws what the address after `#` asks for; `false` where there is no such thing. */
  show(id: string, params: URLSearchParams): boolean;
  /** Draws everything, for printing; without it, the view prints as it stands. */
  showAll?(): void;
}

export interface Column<Row> {
  readonly key: string;
  readonly title: string;
  /** What the column is sorted by; `null` comes last. Without it the column cannot be sorted. */
  readonly order?: (row: Row) => string | number | null;
  /** What sorting by it means, rising and falling, where that is not “A to Z” or a size. */
  readonly orderNames?: readonly [rising: string, falling: string];
  readonly cell: (row: Row) => Child | readonly Child[];
  readonly isNumber?: boolean;
  /** The first sort goes from large to small. */
  readonly isLargestFirst?: boolean;
  /** What the row is called: its header. */
  readonly isName?: boolean;
}

export interface Filter<Row> {
  readonly key: string;
  readonly label: string;
  readonly options: readonly (readonly [value: string, label: string])[];
  readonly fits: (row: Row, value: string) => boolean;
}

/** Draws one page of rows. */
export interface Body<Row> {
  readonly element: HTMLElement;
  draw(rows: readonly Row[], sort: string): void;
}

export interface ListingSpec<Row> {
  readonly rows: readonly Row[];
  readonly noun: readonly [one: string, many: string];
  readonly columns: readonly Column<Row>[];
  /** Key of a column, with `-` before it from large to small; empty keeps the order of the rows. */
  readonly sort: string;
  readonly filters: readonly Filter<Row>[];
  /** All words by which a row is found; without it there is no search. */
  readonly words?: (row: Row) => string;
  /** What can be searched for. */
  readonly searchHint?: string;
  /** What to say, and do, where there is no row at all. */
  readonly nothing: string;
  /** Where the state is kept in the address; without it, it is not. */
  readonly route?: string;
  readonly pageSize: number;
  /** Other than as a table. */
  readonly body?: Body<Row>;
  readonly caption: string;
  readonly href?: (row: Row) => string;
  /** Called with the rows that fit, whenever they change. */
  readonly onFit?: (rows: readonly Row[]) => void;
}

/** Two assets that talk, with all that they say. */
export interface Link {
  readonly a: string;
  readonly b: string;
  readonly conversations: readonly Conversation[];
  readonly findings: readonly Finding[];
  readonly severity: Severity | undefined;
}

/** What stands on the map: an asset, or many of one kind. */
export interface MapNode {
  readonly id: string;
  readonly row: string;
  readonly zone: string;
  readonly text: string;
  readonly tag: string;
  readonly description: string;
  readonly href: string;
  readonly severity: Severity | undefined;
}

export interface MapZone {
  readonly id: string;
  readonly title: string;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface MapLayout {
  readonly width: number;
  readonly height: number;
  readonly rows: readonly { readonly key: string; readonly y: number; readonly height: number }[];
  readonly zones: readonly (Box & { readonly title: string })[];
  readonly nodes: ReadonlyMap<string, Box>;
}
