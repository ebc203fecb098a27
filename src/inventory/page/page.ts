import type { AnalysisJson } from '../report.ts';

/** The analysis as one self-contained page. */
export function analysisPage(analysis: AnalysisJson): string {
  return JSON.stringify(analysis);
}
