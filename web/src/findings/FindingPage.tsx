import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { apiQuery } from '../api/queries.ts';
import { Copyable } from '../parts/Copyable.tsx';
import { Fact, Facts } from '../parts/Facts.tsx';
import { useFormat } from '../parts/format.ts';
import { Page } from '../parts/Page.tsx';
import { SeverityBadge } from '../parts/Severity.tsx';
import { Loaded } from '../parts/States.tsx';
import { shown, shownCut } from '../parts/shown.ts';
import { When } from '../parts/When.tsx';
import { Wire } from '../parts/Wire.tsx';
import { useMay } from '../shell/session.ts';
import { familyOf } from './advice.ts';
import { DecideDialogue } from './DecideDialogue.tsx';
import { FindingStateChip } from './FindingStateChip.tsx';
import type { Finding } from './finding-row.ts';
import { FINDING_STATES, type FindingState } from './findings-search.ts';

const route = getRouteApi('/signed-in/findings/$id');
const MOST_TITLE = 160;
const MOST_FRAMES = 24;

export function FindingPage(): ReactNode {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const query = useQuery(apiQuery<Finding>('findings', `/findings/${encodeURIComponent(id)}`));
  const { data } = query;
  const title = data === undefined ? t('view.findings') : shownCut(data.title, MOST_TITLE);
  return (
    <Page
      title={title}
      heading={<bdi>{title}</bdi>}
      {...(data === undefined ? {} : { lead: <Lead finding={data} />, actions: <Decide finding={data} /> })}
    >
      <Loaded query={query}>{(finding) => <Parts finding={finding} />}</Loaded>
    </Page>
  );
}

function Lead({ finding }: { readonly finding: Finding }): ReactNode {
  return (
    <span className="row">
      <SeverityBadge severity={finding.severity} />
      <FindingStateChip state={finding.state} />
      <code>
        <Wire text={finding.code} />
      </code>
    </span>
  );
}

function Decide({ finding }: { readonly finding: Finding }): ReactNode {
  const { t } = useTranslation();
  const can = useMay();
  const [wanted, setWanted] = useState<FindingState>();
  if (!can('findings:decide', finding.site)) {
    return null;
  }
  return (
    <>
      {FINDING_STATES.filter((state) => state !== finding.state).map((state) => (
        <button key={state} type="button" className="button" onClick={() => setWanted(state)}>
          {t(`findings.do.${state}`)}
        </button>
      ))}
      {wanted !== undefined && (
        <DecideDialogue ids={[finding.id]} state={wanted} onClose={() => setWanted(undefined)} />
      )}
    </>
  );
}

function Parts({ finding }: { readonly finding: Finding }): ReactNode {
  const { t } = useTranslation();
  const { number } = useFormat();
  const { frames, note, decidedBy } = finding;
  return (
    <div className="panels">
      <section className="panel wide">
        <h2>{t('findings.happened')}</h2>
        <p className="finding-text">
          <bdi>{shown(finding.explanation)}</bdi>
        </p>
      </section>
      <section className="panel">
        <h2>{t('findings.toDo')}</h2>
        <p>{t(`advice.${familyOf(finding.code)}`)}</p>
      </section>
      <section className="panel">
        <h2>{t('findings.concerned')}</h2>
        <Facts>
          <Fact label={t('findings.assets')}>
            {finding.assets.length === 0 ? null : (
              <ul>
                {finding.assets.map(({ id, name, address }) => (
                  <li key={id}>
                    <Link to="/assets/$id" params={{ id }}>
                      <Wire text={name ?? address ?? id} />
                    </Link>
                  </li>
                ))}
              </ul>
            )}
          </Fact>
          <Fact label={t('findings.times')}>{number(finding.count)}</Fact>
          <Fact label={t('findings.firstSeen')}>
            <When time={finding.firstSeen} exact />
          </Fact>
          <Fact label={t('findings.lastSeen')}>
            <When time={finding.lastSeen} exact />
          </Fact>
          {note !== null && note !== '' && (
            <Fact label={t('findings.note')}>
              <Wire text={note} most={400} whole />
              {decidedBy !== null && (
                <span className="sub">
                  <Wire text={decidedBy} />
                  {finding.decidedAt && (
                    <>
                      {', '}
                      <When time={finding.decidedAt} exact />
                    </>
                  )}
                </span>
              )}
            </Fact>
          )}
        </Facts>
      </section>
      <section className="panel wide">
        <h2>{t('findings.evidence')}</h2>
        <Facts>
          <Fact label={t('findings.source')}>
            <Wire text={finding.source} />
          </Fact>
          {frames.length > 0 && (
            <Fact label={t('findings.frames')}>
              <span className="mono">{frames.slice(0, MOST_FRAMES).join(', ')}</span>
              {frames.length > MOST_FRAMES && <span className="soft"> +{number(frames.length - MOST_FRAMES)}</span>}
            </Fact>
          )}
          <Fact label={t('findings.filter')}>
            <Copyable text={finding.filter} label={t('copy.filter')} />
          </Fact>
        </Facts>
      </section>
    </div>
  );
}
