import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { chooseLanguage, LANGUAGES, type Language } from '../language/language.ts';
import { Logo } from '../shell/Navigation.tsx';
import './access.css';

/** The frame around what somebody sees before they are signed in. */
export function Entrance({
  title,
  lead,
  children,
}: {
  readonly title: string;
  readonly lead?: ReactNode;
  readonly children: ReactNode;
}): ReactNode {
  const { t, i18n } = useTranslation();
  useEffect(() => {
    document.title = `${title} · Keyway`;
  }, [title]);
  return (
    <main className="entrance">
      <div className="entrance-box">
        <p className="entrance-brand">
          <Logo />
          Keyway
        </p>
        <h1>{title}</h1>
        {lead !== undefined && <p className="entrance-lead">{lead}</p>}
        {children}
      </div>
      <select
        aria-label={t('shell.language')}
        value={i18n.language}
        onChange={({ target }) => void chooseLanguage(target.value as Language)}
      >
        {Object.entries(LANGUAGES).map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    </main>
  );
}
