import { ItemByItem } from '../item-by-item.ts';
import type { AnalysisJson, AnalysisReport } from '../report.ts';

/** Program and style of the page, read by whoever may read files. */
export interface PageParts {
  readonly style: PagePart;
  readonly script: PagePart;
}

interface PagePart {
  readonly text: string;
  /** In base64, for the content security policy. */
  readonly sha256: string;
}

/**
 * The analysis as one self-contained page: no network, no second file.
 *
 * Everything in it may have been written by an attacker, so none of it is markup: it lies in the page as JSON in which
 * no tag can begin or end, and `browser/` draws it as text. The policy lets only the program of this very version run.
 */
export function analysisPage(report: AnalysisJson | AnalysisReport, { style, script }: PageParts): string {
  const conversations = busiest(report.conversations);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(style, script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Keyway report</title>
<style>${style.text}</style>
</head>
<body>
<noscript>
<p>This report is drawn by a script that is part of this file, and your browser does not run it. The same content comes
from <code>keyway analyze --json</code> and <code>keyway analyze --csv</code>.</p>
</noscript>
${shortened(conversations.length, report.conversations.length)}<script type="application/json" id="analysis">${dataText({ ...report, conversations })}</script>
<script type="module">${script.text}</script>
</body>
</html>
`;
}

type ConversationJson = AnalysisJson['conversations'][number];

/** A browser draws no more than this in a time that a reader waits, nor does a file of more open quickly. */
const MOST_CONVERSATIONS = 20_000;

/** Those with most packets, in the order of the report. */
function busiest(conversations: Iterable<ConversationJson> & { readonly length: number }): readonly ConversationJson[] {
  if (conversations.length <= MOST_CONVERSATIONS) {
    return [...conversations];
  }
  const packets = new Float64Array(conversations.length);
  let at = 0;
  for (const conversation of conversations) {
    packets[at++] = conversation.packets;
  }
  const least = packets.sort()[packets.length - MOST_CONVERSATIONS] ?? 0;
  let room = MOST_CONVERSATIONS - packets.reduce((sum, count) => sum + Number(count > least), 0);
  const shown: ConversationJson[] = [];
  for (const conversation of conversations) {
    if (conversation.packets > least || (conversation.packets === least && room-- > 0)) {
      shown.push(conversation);
    }
  }
  return shown;
}

function shortened(shown: number, all: number): string {
  const [some, every] = [shown.toLocaleString('en'), all.toLocaleString('en')];
  return shown === all
    ? ''
    : `<p role="note">This page has the ${some} busiest of ${every} conversations; <code>keyway analyze --json</code> and
<code>keyway analyze --csv</code> have all.</p>
`;
}

function policy(style: PagePart, script: PagePart): string {
  return [
    "default-src 'none'",
    `script-src 'sha256-${script.sha256}'`,
    `style-src 'sha256-${style.sha256}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

/** Characters that could end the element, begin another one or end a line of a script, and the ampersand. */
const UNSAFE = /[<>&\u2028\u2029]/g;

function dataText(data: unknown): string {
  const text = JSON.stringify(data, (_, value: unknown) => (value instanceof ItemByItem ? [...value] : value));
  return text.replaceAll(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
