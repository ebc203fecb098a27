import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from './Icon.tsx';
import { say, sayFault } from './toasts.ts';

/** Text to take elsewhere: a filter, a command. */
export function CopyText({ text }: { readonly text: string }): ReactNode {
  const { t } = useTranslation();
  if (text === '') {
    return <p className="soft">–</p>;
  }
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => say(t('part.copied')),
      () => sayFault(t('part.notCopied')),
    );
  };
  return (
    <div className="copy-text">
      <code>{text}</code>
      <button type="button" className="button small" onClick={copy}>
        <Icon name="copy" size={14} />
        {t('part.copy')}
      </button>
    </div>
  );
}
