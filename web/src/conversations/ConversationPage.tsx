import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { apiQuery } from '../api/queries.ts';
import { StateChip } from '../inventory/StateChip.tsx';
import { Copyable } from '../parts/Copyable.tsx';
import { EffectMark } from '../parts/EffectMark.tsx';
import { rankOf } from '../parts/effects.ts';
import { Fact, Facts } from '../parts/Facts.tsx';
import { useFormat } from '../parts/format.ts';
import { Page } from '../parts/Page.tsx';
import { Loaded } from '../parts/States.tsx';
import { shownCut } from '../parts/shown.ts';
import { When } from '../parts/When.tsx';
import { Wire } from '../parts/Wire.tsx';
import { type Conversation, type Operation, portText, type Timing } from './conversation-row.ts';
import { DayBars } from './DayBars.tsx';
import { End } from './End.tsx';

const route = getRouteApi('/signed-in/conversations/$id');
const MOST_NAME = 40;

export function ConversationPage(): ReactNode {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const query = useQuery(
    apiQuery<Conversation>(['conversations', 'assets'], `/conversations/${encodeURIComponent(id)}`),
  );
  const { data } = query;
  const from = data && shownCut(data.client?.name ?? data.clientAddress, MOST_NAME);
  const to = data && shownCut(data.server?.name ?? data.target, MOST_NAME);
  return (
    <Page
      title={data === undefined ? t('view.conversations') : `${from} → ${to}`}
      {...(data === undefined
        ? {}
        : {
            heading: (
              <>
                <bdi>{from}</bdi> → <bdi>{to}</bdi>
              </>
            ),
            lead: (
              <>
                {data.protocol === null ? t('conversations.noProtocol') : <Wire text={data.protocol} />} ·{' '}
                <Wire text={portText(data)} />
              </>
            ),
          })}
    >
      <Loaded query={query}>{(conversation) => <Parts conversation={conversation} />}</Loaded>
    </Page>
  );
}

function Parts({ conversation }: { readonly conversation: Conversation }): ReactNode {
  const { t } = useTranslation();
  const { number, size } = useFormat();
  return (
    <div className="panels">
      <section className="panel">
        <h2>{t('conversations.who')}</h2>
        <Facts>
          <Fact label={t('conversations.client')}>
            <End asset={conversation.client} address={conversation.clientAddress} />{' '}
            <span className="sub mono">
              <Wire text={conversation.clientAddress} />
            </span>
          </Fact>
          <Fact label={t('conversations.server')}>
            <End asset={conversation.server} address={conversation.target} />{' '}
            <span className="sub mono">
              <Wire text={conversation.target} />
            </span>
          </Fact>
          <Fact label={t('conversations.vlan')}>{conversation.vlan}</Fact>
          <Fact label={t('conversations.state')}>
            <StateChip state={conversation.state} />
          </Fact>
          <Fact label={t('conversations.packets')}>
            {number(conversation.packets)} · {size(conversation.bytes)}
          </Fact>
          <Fact label={t('conversations.firstSeen')}>
            <When time={conversation.firstSeen} exact />
          </Fact>
          <Fact label={t('conversations.lastSeen')}>
            <When time={conversation.lastSeen} exact />
          </Fact>
        </Facts>
      </section>
      <section className="panel">
        <h2>{t('conversations.timing')}</h2>
        <TimingFacts timing={conversation.timing} />
      </section>
      <section className="panel wide">
        <h2>{t('conversations.operations')}</h2>
        <Operations operations={conversation.operations} />
      </section>
      {conversation.days.length > 0 && (
        <section className="panel wide">
          <h2>{t('conversations.days')}</h2>
          <DayBars days={conversation.days} />
        </section>
      )}
      <section className="panel wide">
        <h2>{t('conversations.filter')}</h2>
        <Copyable text={conversation.filter} label={t('copy.filter')} />
      </section>
    </div>
  );
}

function TimingFacts({ timing }: { readonly timing: Timing | null }): ReactNode {
  const { t } = useTranslation();
  const { number, duration } = useFormat();
  if (timing === null) {
    return <p className="soft">{t('conversations.noTiming')}</p>;
  }
  const { requests, unanswered, responseMs, periodMs } = timing;
  return (
    <Facts>
      <Fact label={t('conversations.requests')}>{number(requests)}</Fact>
      <Fact label={t('conversations.unanswered')}>{number(unanswered)}</Fact>
      {responseMs !== null && (
        <>
          <Fact label={t('conversations.response')}>{duration(responseMs.p50)}</Fact>
          <Fact label={t('conversations.response99')}>{duration(responseMs.p99)}</Fact>
          <Fact label={t('conversations.responseMax')}>{duration(responseMs.max)}</Fact>
        </>
      )}
      {periodMs !== null && (
        <>
          <Fact label={t('conversations.period')}>{duration(periodMs.p50)}</Fact>
          <Fact label={t('conversations.jitter')}>{duration(periodMs.jitterP99)}</Fact>
        </>
      )}
    </Facts>
  );
}

function Operations({ operations }: { readonly operations: readonly Operation[] }): ReactNode {
  const { t } = useTranslation();
  const { number } = useFormat();
  if (operations.length === 0) {
    return <p className="soft">{t('conversations.noOperations')}</p>;
  }
  const sorted = operations.toSorted((a, b) => rankOf(a.effect) - rankOf(b.effect) || b.count - a.count);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled with keys.
    <section className="table-scroll" tabIndex={0} aria-label={t('conversations.operations')}>
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{t('conversations.operation')}</th>
            <th scope="col">{t('conversations.effect')}</th>
            <th scope="col">{t('conversations.by')}</th>
            <th scope="col" className="number">
              {t('conversations.times')}
            </th>
            <th scope="col" className="number">
              {t('conversations.errors')}
            </th>
          </tr>
        </thead>
        <tbody>
          {sorted.map(({ protocol, name, effect, by, count, errors }) => (
            <tr key={`${protocol} ${name} ${by}`}>
              <td>
                <Wire text={name} />{' '}
                <span className="soft">
                  <Wire text={protocol} />
                </span>
              </td>
              <td>
                <EffectMark effect={effect} />
              </td>
              <td>{t(`conversations.${by}`)}</td>
              <td className="number">{number(count)}</td>
              <td className="number">{errors === 0 ? <span className="soft">0</span> : number(errors)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
