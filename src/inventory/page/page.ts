import type { AnalysisJson } from '../report.ts';

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
export function analysisPage(analysis: AnalysisJson, { style, script }: PageParts): string {
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
<script type="application/json" id="analysis">${dataText(analysis)}</script>
<script type="module">${script.text}</script>
</body>
</html>
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
  return JSON.stringify(data).replaceAll(
    UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
