import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Copyable } from '../parts/Copyable.tsx';
import { Dialogue } from '../parts/Dialogue.tsx';
import { useFormat } from '../parts/format.ts';
import { shownCut } from '../parts/shown.ts';
import type { Code } from './account.ts';

const MOST_NAME = 40;

/** A code that is shown once. */
export function CodeDialogue({
  code: { code, expiresAt },
  name,
  onClose,
}: {
  readonly code: Code;
  readonly name: string;
  readonly onClose: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const { moment } = useFormat();
  return (
    <Dialogue
      title={t('people.codeTitle', { name: shownCut(name, MOST_NAME) })}
      open
      onClose={onClose}
      foot={
        <button type="button" className="button act" onClick={onClose}>
          {t('people.handedOver')}
        </button>
      }
    >
      <p className="lead-line">{t('people.codeHelp', { time: moment(expiresAt) })}</p>
      <Copyable text={code} label={t('copy.code')} />
      <p className="lead-line">{t('people.codeWhere')}</p>
      <Copyable text={`${window.location.origin}/new-password`} label={t('copy.address')} />
    </Dialogue>
  );
}
