import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { apiQuery } from '../api/queries.ts';
import { chooseLanguage, LANGUAGES, type Language } from '../language/language.ts';
import { Copyable } from '../parts/Copyable.tsx';
import { Fact, Facts } from '../parts/Facts.tsx';
import { SelectField } from '../parts/Field.tsx';
import { useFormat } from '../parts/format.ts';
import { Page } from '../parts/Page.tsx';
import { Loaded } from '../parts/States.tsx';
import { When } from '../parts/When.tsx';
import { Wire } from '../parts/Wire.tsx';
import { useMay } from '../shell/session.ts';
import { chooseTheme, storedTheme, THEMES } from '../shell/theme.ts';

interface System {
  readonly version: string;
  readonly node: string;
  readonly startedAt: string;
  readonly data: string;
  readonly database: {
    readonly kind: string;
    /** What it says of itself when asked now. */
    readonly says: Readonly<Record<string, string | number>>;
  };
  readonly memoryBytes: number;
  readonly liveStreams: number;
  readonly lastBackup: string | null;
}

interface Setting {
  readonly option: string;
  readonly variable: string;
  readonly value: string | null;
  readonly source: string;
  readonly sentence: string;
}

const DAY_MS = 86_400_000;
/** A backup that is older than this is worth a word. */
const OLD_BACKUP_DAYS = 7;

export function SettingsPage(): ReactNode {
  const { t } = useTranslation();
  const can = useMay();
  const query = useQuery(apiQuery<System>('system', '/system'));
  return (
    <Page title={t('view.settings')}>
      <div className="panels">
        <Appearance />
        <Loaded query={query}>{(system) => <SystemPanels system={system} />}</Loaded>
        {can('settings:manage') && <StartSettings />}
      </div>
    </Page>
  );
}

function Appearance(): ReactNode {
  const { t, i18n } = useTranslation();
  const [theme, setTheme] = useState(storedTheme);
  return (
    <section className="panel">
      <h2>{t('settings.appearance')}</h2>
      <SelectField
        label={t('shell.theme')}
        value={theme}
        onChange={({ target }) => {
          const next = THEMES.find((one) => one === target.value) ?? 'system';
          chooseTheme(next);
          setTheme(next);
        }}
      >
        {THEMES.map((one) => (
          <option key={one} value={one}>
            {t(`theme.${one}`)}
          </option>
        ))}
      </SelectField>
      <SelectField
        label={t('shell.language')}
        help={t('settings.thisBrowser')}
        value={i18n.language}
        onChange={({ target }) => void chooseLanguage(target.value as Language)}
      >
        {Object.entries(LANGUAGES).map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </SelectField>
      <p>
        <Link to="/profile">{t('settings.toProfile')}</Link>
      </p>
    </section>
  );
}

function SystemPanels({ system }: { readonly system: System }): ReactNode {
  const { t } = useTranslation();
  const { number, size } = useFormat();
  const says = Object.entries(system.database.says);
  return (
    <>
      <section className="panel">
        <h2>{t('settings.hub')}</h2>
        <Facts>
          <Fact label={t('settings.version')}>{system.version}</Fact>
          <Fact label={t('settings.node')}>{system.node}</Fact>
          <Fact label={t('settings.started')}>
            <When time={system.startedAt} exact />
          </Fact>
          <Fact label={t('settings.memory')}>{size(system.memoryBytes)}</Fact>
          <Fact label={t('settings.live')}>{number(system.liveStreams)}</Fact>
          <Fact label={t('settings.data')}>
            <Wire text={system.data} most={200} />
          </Fact>
        </Facts>
      </section>
      <section className="panel">
        <h2>{t('settings.backup')}</h2>
        <Backup lastBackup={system.lastBackup} />
      </section>
      <section className="panel">
        <h2>{t('settings.database', { kind: system.database.kind })}</h2>
        <p className="soft">{t('settings.databaseHelp')}</p>
        <Facts>
          {says.map(([name, value]) => (
            <Fact key={name} label={name}>
              <span className="mono">{isBytes(name) && typeof value === 'number' ? size(value) : value}</span>
            </Fact>
          ))}
        </Facts>
      </section>
    </>
  );
}

function Backup({ lastBackup }: { readonly lastBackup: string | null }): ReactNode {
  const { t } = useTranslation();
  const isOld = lastBackup === null || Date.now() - Date.parse(lastBackup) > OLD_BACKUP_DAYS * DAY_MS;
  return (
    <>
      <p className={isOld ? 'notice' : undefined}>
        {lastBackup === null ? (
          t('settings.noBackup')
        ) : (
          <>
            {t('settings.lastBackup')} <When time={lastBackup} exact /> (<When time={lastBackup} />)
          </>
        )}
      </p>
      <p className="lead-line">{t('settings.backupHelp')}</p>
      <Copyable text="keyway backup --data /var/lib/keyway /mnt/backup/keyway.ndjson.gz" label={t('copy.command')} />
    </>
  );
}

function StartSettings(): ReactNode {
  const { t } = useTranslation();
  const query = useQuery(apiQuery<{ readonly items: readonly Setting[] }>('system', '/settings'));
  return (
    <section className="panel wide">
      <h2>{t('settings.start')}</h2>
      <p className="soft">{t('settings.startHelp')}</p>
      <Loaded query={query}>
        {({ items }) => (
          <div className="table-scroll">
            <table className="plain-table">
              <thead>
                <tr>
                  <th scope="col">{t('settings.option')}</th>
                  <th scope="col">{t('settings.value')}</th>
                  <th scope="col">{t('settings.source')}</th>
                </tr>
              </thead>
              <tbody>
                {items.map(({ option, variable, value, source, sentence }) => (
                  <tr key={option}>
                    <td>
                      <code>{option}</code>
                      <span className="sub">
                        <code>{variable}</code> · {sentence}
                      </span>
                    </td>
                    <td>{value === null ? <span className="soft">–</span> : <Wire text={value} most={80} />}</td>
                    <td>{source}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Loaded>
    </section>
  );
}

function isBytes(name: string): boolean {
  return /bytes$/iu.test(name);
}
