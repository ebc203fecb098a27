import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { apiStream, type FailureDetail } from '../api/client.ts';
import { refresh } from '../api/queries.ts';
import { Dialogue } from '../parts/Dialogue.tsx';
import { SelectField, TextField } from '../parts/Field.tsx';
import { FormFault } from '../parts/FormFault.tsx';
import { useFormat } from '../parts/format.ts';
import { shownCut } from '../parts/shown.ts';
import { Wire } from '../parts/Wire.tsx';
import { useWork } from '../parts/work.ts';
import { useSite, useSites } from '../shell/site.ts';
import { sayChanged } from './undo-change.ts';

const KINDS = ['csv', 'netbox', 'nmap', 'cyclonedx', 'zeek', 'keyway'] as const;

type Kind = (typeof KINDS)[number];

/** What a column of a list can be taken for. */
const USES = [
  'name',
  'role',
  'purdueLevel',
  'vendor',
  'product',
  'orderNumber',
  'firmware',
  'hardware',
  'serial',
  'os',
  'mac',
  'address',
  'vlan',
  'services',
  'software',
  'criticality',
  'assetNumber',
  'owner',
  'location',
  'function',
  'comment',
  'site',
  'area',
  'line',
  'cell',
] as const;

/** What each column is taken for, by its title; null: nothing. */
type Mapping = Readonly<Record<string, string | null>>;

const MOST_NAME = 200;

interface ImportReply {
  readonly rows: number;
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly errors: readonly FailureDetail[];
  readonly columns: readonly { readonly title: string; readonly attribute: string | null }[] | null;
  readonly change: string | null;
}

/** A list from elsewhere: first a trial that changes nothing, then, where nothing is wrong, the import itself. */
export function ImportDialogue({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const current = useSite();
  const sites = useSites();
  const [site, setSite] = useState(current ?? sites[0]?.site ?? '');
  const [kind, setKind] = useState<Kind>('csv');
  const [file, setFile] = useState<File>();
  const [mapping, setMapping] = useState<Mapping>({});
  const [trial, setTrial] = useState<ImportReply>();
  const work = useWork();
  const forget = (): void => {
    setTrial(undefined);
    setMapping({});
  };
  const send = (dryRun: boolean, how: Mapping): void =>
    work.run(async () => {
      if (file === undefined) {
        return;
      }
      const map = Object.keys(how).length === 0 ? undefined : JSON.stringify(how);
      const reply = await apiStream<ImportReply>(
        '/imports',
        { kind, site, name: file.name.slice(0, MOST_NAME), dryRun, mapping: map },
        file,
      );
      if (dryRun || reply.errors.length > 0) {
        setTrial(reply);
        return;
      }
      sayChanged(t('import.done', { count: reply.created + reply.changed }), reply.change);
      onClose();
      await refresh(['assets', 'plant', 'events']);
    });
  const canImport = trial !== undefined && trial.errors.length === 0 && trial.created + trial.changed > 0;
  return (
    <Dialogue
      title={t('import.title')}
      open
      wide
      onClose={onClose}
      foot={
        <>
          <button
            type="button"
            className={canImport ? 'button' : 'button act'}
            disabled={file === undefined || site === '' || work.isBusy}
            onClick={() => send(true, mapping)}
          >
            {t('import.try')}
          </button>
          <button
            type="button"
            className={canImport ? 'button act' : 'button'}
            disabled={!canImport || work.isBusy}
            onClick={() => send(false, mapping)}
          >
            {t('import.do')}
          </button>
        </>
      }
    >
      <FormFault text={work.fault} />
      <p className="field soft">{t('import.lead')}</p>
      <div className="mapping">
        <SelectField
          label={t('import.kind')}
          value={kind}
          onChange={({ target }) => {
            setKind(target.value as Kind);
            forget();
          }}
        >
          {KINDS.map((one) => (
            <option key={one} value={one}>
              {t(`importKind.${one}`)}
            </option>
          ))}
        </SelectField>
        <SelectField label={t('shell.site')} value={site} onChange={({ target }) => setSite(target.value)}>
          {sites.map(({ site: id, name }) => (
            <option key={id} value={id}>
              {shownCut(name, 60)}
            </option>
          ))}
        </SelectField>
        <TextField
          label={t('import.file')}
          type="file"
          onChange={({ target }) => {
            setFile(target.files?.[0]);
            forget();
          }}
        />
      </div>
      {trial !== undefined && <Trial trial={trial} />}
      {trial?.columns && (
        <ColumnUses
          columns={trial.columns}
          onChange={(title, use) => {
            const next = { ...mapping, [title]: use };
            setMapping(next);
            send(true, next);
          }}
        />
      )}
    </Dialogue>
  );
}

function Trial({ trial: { rows, created, changed, unchanged, errors } }: { readonly trial: ImportReply }): ReactNode {
  const { t } = useTranslation();
  const { number } = useFormat();
  const counts = { rows, created, changed, unchanged } as const;
  return (
    <section role="status">
      <ul className="import-counts">
        {(['rows', 'created', 'changed', 'unchanged'] as const).map((name) => (
          <li key={name}>
            <b>{number(counts[name])}</b> {t(`import.${name}`)}
          </li>
        ))}
      </ul>
      {errors.length > 0 && (
        <>
          <p className="form-fault">{t('import.faults')}</p>
          <ul className="import-faults">
            {errors.map(({ at, message }) => (
              <li key={`${at} ${message}`}>
                <b>
                  <Wire text={at} />
                </b>{' '}
                <Wire text={message} most={300} />
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function ColumnUses({
  columns,
  onChange,
}: {
  readonly columns: readonly { readonly title: string; readonly attribute: string | null }[];
  readonly onChange: (title: string, use: string | null) => void;
}): ReactNode {
  const { t } = useTranslation();
  return (
    <fieldset>
      <legend className="field-label">{t('import.columns')}</legend>
      <div className="mapping">
        {columns.map(({ title, attribute }) => (
          <SelectField
            key={title}
            label={shownCut(title, 40)}
            value={attribute ?? ''}
            onChange={({ target }) => onChange(title, target.value === '' ? null : target.value)}
          >
            <option value="">{t('import.leaveOut')}</option>
            {USES.map((use) => (
              <option key={use} value={use}>
                {t(`attribute.${use}`)}
              </option>
            ))}
          </SelectField>
        ))}
      </div>
    </fieldset>
  );
}
