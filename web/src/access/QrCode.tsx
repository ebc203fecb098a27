import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { qrOf } from './qr.ts';

/** Modules of light around it that readers need. */
const QUIET = 4;

/** Drawn as one path, dark on light in every theme. */
export function QrCode({ text }: { readonly text: string }): ReactNode {
  const { t } = useTranslation();
  const rows = qrOf(text);
  if (rows === undefined) {
    return undefined;
  }
  const size = rows.length + 2 * QUIET;
  const path = rows.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : '')));
  return (
    <svg className="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={t('profile.qr')}>
      <path d={path.join('')} fill="#000" shapeRendering="crispEdges" />
    </svg>
  );
}
