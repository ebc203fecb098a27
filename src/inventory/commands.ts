import { type CaptureFilter, captureFilterOf, FILTER_HELP, FILTER_OPTIONS } from '../captures/capture-filter.ts';
import { type LimitSettings, limitNotes, limitOptions, limitSettings, settingsFor } from '../captures/limit-options.ts';
import { remarksOn } from '../captures/remarks.ts';
import { THREAD_OPTIONS, type ThreadParts, threadsFor } from '../captures/thread-choice.ts';
import { type Failure, fail } from '../kit/failure.ts';
import { ok, type Result } from '../kit/result.ts';
import type { Command, ExitStatus, Input, Terminal } from '../platform/cli/command.ts';
import { tableText } from '../platform/cli/table.ts';
import { csvText } from '../platform/csv.ts';
import { inlineModules, inlineStyle } from '../platform/web/inline.ts';
import { LIMITS } from '../wire/limits.ts';
import { SEVERITIES, type Severity } from './findings/finding.ts';
import { type Audience, type Gathered, type Gathering, type GatherParts, gather, gatherTogether } from './jobs.ts';
import { ALL_LIMITS, INVENTORY_LIMITS } from './limits.ts';
import { analysisPage, type PageParts } from './page/page.ts';
import { type AnalysisReport, analysisJsonText, toAnalysisReport } from './report.ts';
import { ASSET_TITLES, CONVERSATION_TITLES, type Summary, summarise } from './summary.ts';
import { tablesOf } from './tables.ts';

/** Rows of each table on the terminal; the files have all. */
const MOST_ROWS = 25;

export interface AnalyzeParts extends GatherParts {
  readonly version: string;
  readonly seed: number;
  readonly threads: ThreadParts;
  /** Writes a text file, its folder first if need be. */
  writeText(path: string, text: string | Iterable<string>): Promise<Result<undefined, Failure>>;
}

export function inventoryCommands(parts: AnalyzeParts): readonly Command[] {
  return [
    {
      name: 'analyze',
      summary: 'What is on this network, who talks to whom and does what, and what is wrong',
      details:
        'Reads captures (pcap, pcapng, gzip; - for standard input) and prints assets, conversations, zones and findings. ' +
        `Several captures are read in order of packet time.\n\n${FILTER_HELP}\n\n` +
        'Examples:\n' +
        '  keyway analyze plant.pcap\n' +
        '  keyway analyze mirror-*.pcapng.gz --html plant.html --csv tables/\n' +
        '  keyway analyze plant.pcap --json --fail-on high > plant.json\n' +
        '  keyway analyze day.pcap --since 2026-03-02T14:00+01:00 --until 2026-03-02T15:00+01:00 --only 10.1.2.0/24',
      arguments: [{ name: 'capture', description: 'captures to analyse', variadic: true }],
      options: [
        { flags: '--html <file>', description: 'write one self-contained page for a browser' },
        { flags: '--csv <folder>', description: 'write each table as a CSV file into this folder' },
        {
          flags: '--fail-on <severity>',
          description: 'end with status 1 when a finding is at least this severe',
          choices: SEVERITIES,
        },
        ...FILTER_OPTIONS,
        ...THREAD_OPTIONS,
        ...limitOptions(ALL_LIMITS),
      ],
      run: (input, terminal) => analyze(parts, input, terminal),
    },
  ];
}

async function analyze(
  parts: AnalyzeParts,
  { arguments: paths, options }: Input,
  terminal: Terminal,
): Promise<Result<ExitStatus, Failure>> {
  const filter = captureFilterOf(
    options,
    parts.dissectors.map(({ name }) => name),
  );
  if (!filter.ok) {
    return filter;
  }
  const settings = limitSettings(options, ALL_LIMITS);
  if (!settings.ok) {
    return settings;
  }
  if (paths.filter((path) => path === '-').length > 1) {
    return fail('invalid', 'analyze.arguments', 'standard input (-) can be read once only');
  }
  const gathered = await gatherAsUseful(parts, paths, options, filter.value, settings.value, terminal);
  if (!gathered.ok) {
    return gathered;
  }
  const { captures, stopped, counters, leftOut, unreadLinkTypes } = gathered.value;
  if (stopped) {
    terminal.note('keyway: stopped before the end; this is what was found so far');
  }
  const analysis = gathered.value.result({
    lost: captures.reduce((sum, { lost }) => sum + lost, 0),
    withFilter: captures.filter(({ filters }) => filters.length > 0).length,
    passedOver: counters.filtered - (leftOut?.packets ?? 0),
    leftOut,
    stopped,
  });
  const limits = new Map<string, number>([...gathered.value.limitsReached, ...analysis.limits]);
  const run = { version: parts.version, captures, counters, leftOut, stopped, limits };
  const report = toAnalysisReport(analysis, run);
  for (const remark of remarksOn(captures, unreadLinkTypes)) {
    terminal.note(`keyway: ${remark}`);
  }
  const written = await writeFiles(parts, options, report, terminal);
  if (!written.ok) {
    return written;
  }
  if (options['json'] === true) {
    for (const piece of analysisJsonText(report)) {
      await terminal.print(piece);
    }
  } else {
    await terminal.print(summaryText(summarise(analysis, run), terminal));
  }
  return statusOf(options['failOn'], analysis.findings);
}

/** In as many threads as are worth it; in one where the user wants to see what limits do, or where they decide the result. */
async function gatherAsUseful(
  parts: AnalyzeParts,
  paths: readonly string[],
  options: Input['options'],
  filter: CaptureFilter | undefined,
  settings: LimitSettings,
  terminal: Terminal,
): Promise<Result<Gathered, Failure>> {
  const { threads, seed, openCapture } = parts;
  const of = threadsFor(options['threads'], paths.map(openCapture), threads.useful);
  if (!of.ok) {
    return of;
  }
  const ofEngine = settingsFor(settings, LIMITS);
  const ofInventory = settingsFor(settings, INVENTORY_LIMITS);
  const gathering: Gathering = {
    seed,
    filter,
    limits: ofEngine.limits,
    simulatedLimits: ofEngine.simulatedLimits,
    inventoryLimits: ofInventory.limits,
    simulatedInventoryLimits: ofInventory.simulatedLimits,
  };
  const audience: Audience = { terminal, limitReached: limitNotes(terminal, ALL_LIMITS) };
  if (of.value > 1 && settings.simulated.length === 0) {
    const together = await gatherTogether(parts, gathering, paths, audience, { entry: threads.entry, of: of.value });
    if (together) {
      return together;
    }
    terminal.note(
      'keyway: there are so many flows that threads cannot share them without a difference; reading in one',
    );
  }
  return gather(parts, gathering, paths, audience);
}

function pageParts(): PageParts {
  return {
    style: inlineStyle(new URL('page/style/main.css', import.meta.url)),
    script: inlineModules(new URL('page/browser/main.js', import.meta.url)),
  };
}

/** The files that the user asked for. */
async function writeFiles(
  parts: AnalyzeParts,
  { html, csv }: Input['options'],
  report: AnalysisReport,
  terminal: Terminal,
): Promise<Result<undefined, Failure>> {
  if (typeof html === 'string') {
    const written = await parts.writeText(html, analysisPage(report, pageParts()));
    if (!written.ok) {
      return written;
    }
    terminal.note(`keyway: wrote ${html}`);
  }
  if (typeof csv === 'string') {
    for (const { name, titles, rows } of tablesOf(report)) {
      const written = await parts.writeText(`${csv}/${name}.csv`, csvText(titles, rows));
      if (!written.ok) {
        return written;
      }
    }
    terminal.note(`keyway: wrote the tables into ${csv}`);
  }
  return ok(undefined);
}

function statusOf(
  failOn: string | boolean | readonly string[] | undefined,
  findings: readonly { readonly severity: Severity }[],
): Result<ExitStatus, Failure> {
  if (failOn === undefined) {
    return ok(0);
  }
  const least = SEVERITIES.indexOf(failOn as Severity);
  if (least < 0) {
    return fail(
      'invalid',
      'analyze.unknown-severity',
      `no severity ${String(failOn)}; known: ${SEVERITIES.join(', ')}`,
    );
  }
  return ok(findings.some(({ severity }) => SEVERITIES.indexOf(severity) >= least) ? 1 : 0);
}

/** ANSI colours by severity: colour only for what needs a person. */
const COLOURS: Readonly<Record<Severity, string>> = {
  critical: '\x1b[1;31m',
  high: '\x1b[31m',
  medium: '\x1b[33m',
  low: '',
  info: '',
};
const PLAIN = '\x1b[0m';

function summaryText(summary: Summary, terminal: Terminal): string {
  const parts = [summary.headline, ...summary.remarks.map((remark) => `  ${remark}`), ''];
  if (summary.findings.length > 0) {
    parts.push(`Findings (${summary.findings.reduce((sum, row) => sum + row.count, 0)})`);
    const text = tableText(
      [
        { title: 'severity', text: ({ severity }) => severity },
        { title: 'times', text: ({ count }) => String(count), align: 'right' },
        { title: 'finding', text: ({ title }) => title, most: 60 },
        { title: 'where', text: ({ where }) => where, most: 80 },
      ],
      summary.findings.slice(0, MOST_ROWS),
      '  ',
    );
    const [head = '', ...rows] = text.split('\n');
    parts.push(head);
    for (const [at, row] of rows.entries()) {
      const colour = COLOURS[summary.findings[at]?.severity ?? 'info'];
      parts.push(terminal.hasColour && colour ? `${colour}${row}${PLAIN}` : row);
    }
    parts.push(...restOf(summary.findings.length, 'kinds of finding'), '');
  } else {
    parts.push('Nothing to complain about was found in this traffic.', '');
  }
  parts.push(
    ...section('Assets', ASSET_TITLES, { rows: summary.assets, total: summary.assets.length }, [28, 12, 5, 44, 16, 40]),
  );
  parts.push(
    ...section(
      'Conversations, busiest first',
      CONVERSATION_TITLES,
      { rows: summary.conversations, total: summary.conversationCount },
      [24, 24, 16, 60, 12, 10, 10],
    ),
  );
  if (summary.zones.length > 0) {
    parts.push(
      `Zones proposed (${summary.zones.length})`,
      tableText(
        [
          { title: 'zone', text: ({ name }) => name, most: 40 },
          { title: 'assets', text: ({ size }) => String(size), align: 'right' },
          { title: 'because', text: ({ reason }) => reason, most: 90 },
        ],
        summary.zones.slice(0, MOST_ROWS),
        '  ',
      ),
      ...restOf(summary.zones.length, 'zones'),
      '',
    );
  }
  return `${parts.join('\n')}\n`;
}

function section(
  title: string,
  titles: readonly string[],
  { rows, total }: { readonly rows: readonly (readonly string[])[]; readonly total: number },
  widths: readonly number[],
): string[] {
  if (rows.length === 0) {
    return [];
  }
  const columns = titles.map((name, at) => ({
    title: name,
    text: (row: readonly string[]) => row[at] ?? '',
    most: widths[at] ?? 40,
    ...(name === 'packets' || name === 'answers in' || name === 'every' ? { align: 'right' as const } : {}),
  }));
  return [`${title} (${total})`, tableText(columns, rows.slice(0, MOST_ROWS), '  '), ...restOf(total, 'rows'), ''];
}

function restOf(total: number, noun: string): string[] {
  return total > MOST_ROWS ? [`  … and ${total - MOST_ROWS} more ${noun}; --json and --csv have all`] : [];
}
