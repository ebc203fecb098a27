import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type DragEvent, type ReactNode, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { apiSend } from '../api/client.ts';
import { apiQuery, refresh } from '../api/queries.ts';
import type { Page as List } from '../api/types.ts';
import { useFailureText } from '../parts/failure-text.ts';
import { useFormat } from '../parts/format.ts';
import { Icon } from '../parts/Icon.tsx';
import { Page } from '../parts/Page.tsx';
import { Empty, Loaded } from '../parts/States.tsx';
import { shownCut } from '../parts/shown.ts';
import { sayFault } from '../parts/toasts.ts';
import { When } from '../parts/When.tsx';
import { Wire } from '../parts/Wire.tsx';
import { useSite, useSites } from '../shell/site.ts';
import { forget, type Sending, send, useSendings } from './sending.ts';
import type { UploadRow } from './upload-row.ts';
import './uploads.css';

const SHOWN = 100;
const LOOK_MS = 2000;
const MOST_NAME = 40;
const KINDS = '.pcap,.pcapng,.cap,.gz,.ntar';

export function UploadsPage(): ReactNode {
  const { t } = useTranslation();
  const query = useQuery({
    ...apiQuery<List<UploadRow>>('uploads', '/uploads', { limit: SHOWN }),
    refetchInterval: ({ state }) => (state.data?.items.some(isGoingOn) ? LOOK_MS : false),
  });
  const sendings = useSendings();
  return (
    <Page title={t('uploads.title')} lead={t('uploads.lead')}>
      <div className="stack">
        <DropZone />
        {sendings.length > 0 && (
          <ul className="panel uploads">
            {sendings.map((sending) => (
              <SendingLine key={sending.id} sending={sending} />
            ))}
          </ul>
        )}
        <Loaded query={query}>
          {({ items }) =>
            items.length === 0 ? (
              sendings.length === 0 && <Empty icon="upload" title={t('uploads.empty')} />
            ) : (
              <ul className="panel uploads">
                {items.map((upload) => (
                  <UploadLine key={upload.id} upload={upload} />
                ))}
              </ul>
            )
          }
        </Loaded>
      </div>
    </Page>
  );
}

function DropZone(): ReactNode {
  const { t } = useTranslation();
  const sites = useSites();
  const site = useSite();
  const [chosen, setChosen] = useState<string>();
  const [isOver, setOver] = useState(false);
  const input = useId();
  const target = chosen ?? site ?? sites[0]?.id;
  const take = (files: Iterable<File>): void => {
    if (target !== undefined) {
      for (const file of files) {
        send(file, target);
      }
    }
  };
  const onDrop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files);
  };
  if (target === undefined) {
    return (
      <Empty icon="plant" title={t('uploads.noSite')}>
        <Link to="/plant" className="button">
          {t('view.plant')}
        </Link>
      </Empty>
    );
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: who has no mouse uses the field in it.
    <div
      className={isOver ? 'drop-zone over' : 'drop-zone'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      <Icon name="upload" size={26} />
      <p className="state-title">{t('uploads.drop')}</p>
      <p className="soft">{t('uploads.kinds')}</p>
      <div className="row">
        {sites.length > 1 && (
          <select aria-label={t('placeKind.site')} value={target} onChange={(event) => setChosen(event.target.value)}>
            {sites.map(({ id, name }) => (
              <option key={id} value={id}>
                {shownCut(name, MOST_NAME)}
              </option>
            ))}
          </select>
        )}
        <label className="button act file-button" htmlFor={input}>
          {t('uploads.choose')}
        </label>
        <input
          id={input}
          className="hidden"
          type="file"
          multiple
          accept={KINDS}
          onChange={(event) => {
            take(event.target.files ?? []);
            event.target.value = '';
          }}
        />
      </div>
    </div>
  );
}

function SendingLine({ sending: { id, name, size: whole, sent, error } }: { readonly sending: Sending }): ReactNode {
  const { t } = useTranslation();
  const { size } = useFormat();
  const text = useFailureText();
  return (
    <li className="upload">
      <div className="grow">
        <p className="upload-name">
          <Wire text={name} />
        </p>
        {error === undefined ? (
          <>
            <Progress share={whole === 0 ? 1 : sent / whole} label={t('uploads.sending')} />
            <p className="sub">{t('uploads.sent', { sent: size(sent), whole: size(whole) })}</p>
          </>
        ) : (
          <p className="form-fault" role="alert">
            {text(error)}
          </p>
        )}
      </div>
      <button type="button" className="button small" onClick={() => forget(id)}>
        {t(error === undefined ? 'part.cancel' : 'part.close')}
      </button>
    </li>
  );
}

function UploadLine({ upload }: { readonly upload: UploadRow }): ReactNode {
  const { t } = useTranslation();
  const { size } = useFormat();
  const text = useFailureText();
  const cancel = async (): Promise<void> => {
    try {
      await apiSend('DELETE', `/uploads/${encodeURIComponent(upload.id)}`);
    } catch (error) {
      sayFault(text(error));
    }
    await refresh(['uploads']);
  };
  return (
    <li className="upload">
      <div className="grow">
        <p className="upload-name">
          <Wire text={upload.name} />
        </p>
        <Outcome upload={upload} />
        <p className="sub">
          {size(upload.size)} · <Wire text={upload.by} /> · <When time={upload.at} />
        </p>
      </div>
      {isGoingOn(upload) && (
        <button type="button" className="button small" onClick={() => void cancel()}>
          {t('part.cancel')}
        </button>
      )}
    </li>
  );
}

function Outcome({ upload: { state, progress, counts, error } }: { readonly upload: UploadRow }): ReactNode {
  const { t } = useTranslation();
  const { number, percent } = useFormat();
  switch (state) {
    case 'analysing':
      return (
        <>
          <Progress share={progress} label={t('uploads.analysing')} />
          <p>
            {t('uploads.analysing')} {percent(progress)}
          </p>
        </>
      );
    case 'done':
      return (
        counts !== null && (
          <p>
            {t('uploads.counts', {
              packets: number(counts.packets),
              assets: number(counts.assets),
              conversations: number(counts.conversations),
              findings: number(counts.findings),
            })}
          </p>
        )
      );
    case 'refused':
      return (
        <p className="form-fault">
          {t('uploads.refused')} {error !== null && <Wire text={error.message} most={200} />}
        </p>
      );
    case 'waiting':
    case 'cancelled':
      return <p className="soft">{t(`uploads.${state}`)}</p>;
  }
}

function Progress({ share, label }: { readonly share: number; readonly label: string }): ReactNode {
  return <progress max={1} value={share} aria-label={label} />;
}

function isGoingOn({ state }: UploadRow): boolean {
  return state === 'waiting' || state === 'analysing';
}
