import { type Failure, fail } from '../kit/failure.ts';
import { ok, type Result } from '../kit/result.ts';
import { MOMENT_FORMS, type Moment, momentOf } from './moment.ts';
import { type Restrictions, restrictionsOf } from './restriction.ts';

/** The part of the captures that the user wants to see. */
export interface CaptureFilter {
  readonly since: Moment | undefined;
  readonly until: Moment | undefined;
  readonly restrictions: Restrictions;
  /** As the user wrote them. */
  readonly only: readonly string[];
}

/** The options that every command with captures has for it. */
export const FILTER_OPTIONS = [
  { flags: '--since <time>', description: 'only packets from this time on (see above)' },
  { flags: '--until <time>', description: 'only packets before this time' },
  {
    flags: '--only <what>',
    description: 'only these addresses, VLANs, ports, protocols; may be repeated',
    repeatable: true,
  },
] as const;

export const FILTER_HELP =
  'A part only: --since and --until take ISO 8601 times (UTC unless a zone is written; a date means its 00:00) or a ' +
  'duration after the first packet (+90s, +10m, +1h30m). --since is included, --until is not. --only takes\n' +
  '  10.1.2.3, 10.1.2.0/24, fd00::/8     either end has such an address (ARP too; not inside tunnels)\n' +
  '  00:1c:06:00:00:01, mac:00:1c:06     either end has this MAC, or one of this maker\n' +
  '  vlan:20, vlan:20-29, vlan:untagged  one of the tags is this\n' +
  '  port:502, port:2000-2010            either end has this TCP or UDP port\n' +
  '  protocol:modbus                     traffic of this protocol\n' +
  'Of one kind one must fit (addresses and MACs are one kind), of several kinds each.';

type Options = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** What the options say; undefined where everything is wanted. */
export function captureFilterOf(
  options: Options,
  knownProtocols: readonly string[],
): Result<CaptureFilter | undefined, Failure> {
  const since = momentOption(options, 'since');
  if (!since.ok) {
    return since;
  }
  const until = momentOption(options, 'until');
  if (!until.ok) {
    return until;
  }
  const only = [options['only'] ?? []].flat().filter((text) => typeof text === 'string');
  const restrictions = restrictionsOf(only, knownProtocols);
  if (!restrictions.ok) {
    return restrictions;
  }
  if (isEmpty(since.value, until.value)) {
    const [from, to] = [String(options['since']), String(options['until'])];
    return fail('invalid', 'filter.unclear', `--until ${to} is not after --since ${from}: no packet would be left`);
  }
  return since.value === undefined && until.value === undefined && only.length === 0
    ? ok(undefined)
    : ok({ since: since.value, until: until.value, restrictions: restrictions.value, only });
}

function momentOption(options: Options, name: string): Result<Moment | undefined, Failure> {
  const text = options[name];
  if (typeof text !== 'string') {
    return ok(undefined);
  }
  const moment = momentOf(text);
  return moment === undefined
    ? fail('invalid', 'filter.unclear', `--${name} ${text} is no time: write ${MOMENT_FORMS}`)
    : ok(moment);
}

function isEmpty(since: Moment | undefined, until: Moment | undefined): boolean {
  if (since === undefined || until === undefined) {
    return false;
  }
  return 'at' in since
    ? 'at' in until && until.at <= since.at
    : 'afterStart' in until && until.afterStart <= since.afterStart;
}
