import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { apiQuery, plantQuery } from '../api/queries.ts';
import type { Place } from '../api/types.ts';
import { useFacets } from '../inventory/facets.ts';
import { EffectMark } from '../parts/EffectMark.tsx';
import { EFFECTS } from '../parts/effects.ts';
import { FilterChoice } from '../parts/FilterChoice.tsx';
import { useFormat } from '../parts/format.ts';
import { Page } from '../parts/Page.tsx';
import { Empty, Loaded } from '../parts/States.tsx';
import { shownCut } from '../parts/shown.ts';
import { useMay } from '../shell/session.ts';
import { useSite } from '../shell/site.ts';
import { MapCanvas } from './MapCanvas.tsx';
import { MapTable } from './MapTable.tsx';
import { GROUPINGS, type MapSearch } from './map-search.ts';
import { type MapEdge, omittedCount, type PlantMap } from './plant-map.ts';
import { sceneOf } from './scene.ts';
import { type Span, TimeRange } from './TimeRange.tsx';
import '../parts/facts.css';
import './map.css';

const route = getRouteApi('/signed-in/map');
const MOST_NAME = 32;
const NO_PLACES: readonly Place[] = [];

export function MapPage(): ReactNode {
  const { t } = useTranslation();
  const site = useSite();
  const search = route.useSearch();
  const choose = useChoose();
  const { protocol, effect, place, since, until } = search;
  const asked = { site, place, protocol, effect };
  const topics = ['conversations', 'assets', 'findings'] as const;
  const whole = useQuery(apiQuery<PlantMap>(topics, '/map', asked));
  const query = useQuery({
    ...apiQuery<PlantMap>(topics, '/map', { ...asked, since, until }),
    placeholderData: keepPreviousData,
  });
  const extent = useMemo(() => extentOf(whole.data?.edges ?? []), [whole.data]);
  const [moving, setMoving] = useState<Span>();
  const chosen = { since: timeOf(since) ?? extent?.since ?? 0, until: timeOf(until) ?? extent?.until ?? 0 };
  return (
    <Page
      fill
      title={t('view.map')}
      actions={
        <button
          type="button"
          className="button"
          aria-pressed={search.as === 'table'}
          onClick={() => choose({ as: search.as === 'table' ? undefined : 'table' })}
        >
          {t('map.asTable')}
        </button>
      }
    >
      <Filters search={search} />
      <Loaded query={query}>{(data) => <MapContent data={data} span={moving} search={search} />}</Loaded>
      {extent !== undefined && (
        <TimeRange
          extent={extent}
          chosen={chosen}
          onMove={setMoving}
          onRest={(span) => {
            setMoving(undefined);
            choose({
              since: span.since <= extent.since ? undefined : new Date(span.since).toISOString(),
              until: span.until >= extent.until ? undefined : new Date(span.until).toISOString(),
            });
          }}
        />
      )}
    </Page>
  );
}

function MapContent({
  data,
  span,
  search,
}: {
  readonly data: PlantMap;
  /** While somebody moves the sliders: the picture follows at once, the hub is asked when they rest. */
  readonly span: Span | undefined;
  readonly search: MapSearch;
}): ReactNode {
  const { t } = useTranslation();
  const { number } = useFormat();
  const can = useMay();
  const { data: plant } = useQuery({ ...plantQuery, enabled: can('plant:read') });
  const places = plant?.places ?? NO_PLACES;
  const edges = useMemo(() => edgesWithin(data.edges, span), [data.edges, span]);
  const aspect = window.innerWidth > window.innerHeight ? 1.7 : 0.62;
  const { by = 'line', as } = search;
  const scene = useMemo(
    () => (as === 'table' ? undefined : sceneOf({ nodes: data.nodes, edges }, places, by, aspect)),
    [data.nodes, edges, places, by, as, aspect],
  );
  const omitted = omittedCount(data);
  if (data.nodes.length === 0) {
    return (
      <NothingHere
        isFiltered={search.protocol !== undefined || search.effect !== undefined || search.place !== undefined}
      />
    );
  }
  return (
    <>
      {omitted > 0 && <p className="notice">{t('map.omitted', { count: omitted, number: number(omitted) })}</p>}
      {scene === undefined ? <MapTable nodes={data.nodes} edges={edges} /> : <MapCanvas scene={scene} />}
      <p className="table-foot map-legend">
        <span role="status">
          {t('map.nodeCount', { count: data.nodes.length, number: number(data.nodes.length) })},{' '}
          {t('map.edgeCount', { count: edges.length, number: number(edges.length) })}
        </span>
        {(['read', 'write', 'control', 'program'] as const).map((effect) => (
          <EffectMark key={effect} effect={effect} />
        ))}
      </p>
    </>
  );
}

function NothingHere({ isFiltered }: { readonly isFiltered: boolean }): ReactNode {
  const { t } = useTranslation();
  return (
    <Empty icon="map" title={t(isFiltered ? 'map.noMatch' : 'map.empty')}>
      {isFiltered ? (
        <Link to="/map" search={{}} className="button">
          {t('map.clear')}
        </Link>
      ) : (
        <>
          <p>{t('map.emptyHelp')}</p>
          <Link to="/sensors" className="button">
            {t('view.sensors')}
          </Link>
        </>
      )}
    </Empty>
  );
}

function Filters({ search }: { readonly search: MapSearch }): ReactNode {
  const { t } = useTranslation();
  const { number } = useFormat();
  const site = useSite();
  const facets = useFacets(site);
  const choose = useChoose();
  return (
    <search className="tool-bar">
      <FilterChoice
        label={t('map.protocol')}
        value={search.protocol}
        onChoose={(protocol) => choose({ protocol })}
        options={(facets?.protocols ?? []).map(({ value, count }) => [
          value,
          `${shownCut(value, MOST_NAME)} (${number(count)})`,
        ])}
      />
      <FilterChoice
        label={t('map.effect')}
        value={search.effect}
        onChoose={(effect) => choose({ effect: EFFECTS.find((one) => one === effect) })}
        options={EFFECTS.map((effect) => [effect, t(`effect.${effect}`)])}
      />
      <FilterChoice
        label={t('map.place')}
        value={search.place}
        onChoose={(place) => choose({ place })}
        options={(facets?.places ?? []).map(({ value, name, count }) => [
          value,
          `${shownCut(name ?? value, MOST_NAME)} (${number(count)})`,
        ])}
      />
      <label className="row">
        {t('map.columns')}
        <select
          value={search.by ?? 'line'}
          onChange={({ target }) => choose({ by: GROUPINGS.find((one) => one === target.value) })}
        >
          {GROUPINGS.map((grouping) => (
            <option key={grouping} value={grouping}>
              {t(`placeKind.${grouping}`)}
            </option>
          ))}
        </select>
      </label>
    </search>
  );
}

function useChoose(): (set: { readonly [Name in keyof MapSearch]: MapSearch[Name] | undefined }) => void {
  const navigate = useNavigate({ from: '/map' });
  return (set) => void navigate({ to: '.', search: (before) => ({ ...before, ...set }) as MapSearch, replace: true });
}

/** From the first to the last that was seen; undefined where that is no time at all. */
function extentOf(edges: readonly MapEdge[]): Span | undefined {
  let since = Number.POSITIVE_INFINITY;
  let until = Number.NEGATIVE_INFINITY;
  for (const { firstSeen, lastSeen } of edges) {
    since = Math.min(since, Date.parse(firstSeen));
    until = Math.max(until, Date.parse(lastSeen));
  }
  return until > since ? { since, until } : undefined;
}

function edgesWithin(edges: readonly MapEdge[], span: Span | undefined): readonly MapEdge[] {
  return span === undefined
    ? edges
    : edges.filter(
        ({ firstSeen, lastSeen }) => Date.parse(firstSeen) <= span.until && Date.parse(lastSeen) >= span.since,
      );
}

function timeOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text);
}
