import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from './Icon.tsx';
import { shown } from './shown.ts';
import './facts.css';

const SAID_MS = 2000;

/** A command or a filter that somebody carries to another program. */
export function Copyable({ text, label }: { readonly text: string; readonly label: string }): ReactNode {
  const { t } = useTranslation();
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), SAID_MS);
  };
  return (
    <div className="copyable">
      <pre>{shown(text)}</pre>
      {/* Without https there is no clipboard. */}
      {navigator.clipboard !== undefined && (
        <button type="button" className="button square" aria-label={label} onClick={() => void copy()}>
          <Icon name={isCopied ? 'check' : 'copy'} />
        </button>
      )}
      <span className="hidden" role="status">
        {isCopied && t('copy.done')}
      </span>
    </div>
  );
}
