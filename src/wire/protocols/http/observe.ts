import { type Context, NOTHING, type Reading } from '../../dissector.ts';
import type { Observation } from '../../observation.ts';
import { observeNtlm } from '../../stack/ntlmssp.ts';
import type { Fields } from './fields.ts';

const CLOCK_SOURCE = 'HTTP';

export function observe({ direction, fields }: Reading<Fields>, context: Context): readonly Observation[] {
  const observations: Observation[] = [];
  if (direction === 'request') {
    observeClient(fields, context, observations);
  } else {
    observeServer(fields, context, observations);
  }
  if (fields.ntlm !== undefined) {
    observations.push(...observeNtlm(fields.ntlm, CLOCK_SOURCE));
  }
  return observations.length > 0 ? observations : NOTHING;
}

function observeClient(fields: Fields, context: Context, observations: Observation[]): void {
  const { host, userAgent, authorization, user, form } = fields;
  if (host && isNews(context, 'http told host', host)) {
    observations.push({ kind: 'service', subject: 'receiver', protection: 'none', requestedName: nameOf(host) });
  }
  if (userAgent && isNews(context, 'http told agent', userAgent)) {
    const os = /Windows NT \d+\.\d+/.exec(userAgent)?.[0];
    const said = os === undefined ? {} : { os };
    observations.push({ kind: 'identity', subject: 'sender', basis: 'hint', ...said, product: userAgent });
  }
  const name = user ? { user } : {};
  if (form) {
    observations.push({ kind: 'credential', scheme: 'HTTP form', ...name, secret: 'sent' });
  }
  const scheme = authorization?.toLowerCase();
  if ((scheme === 'basic' || scheme === 'digest') && isNews(context, 'http told user', `${scheme} ${user}`)) {
    const secret = scheme === 'basic' ? 'sent' : 'protected';
    observations.push({ kind: 'credential', scheme: `HTTP ${scheme}`, ...name, secret });
  }
}

function observeServer(fields: Fields, context: Context, observations: Observation[]): void {
  const { server, title, realm, date } = fields;
  if (server && isNews(context, 'http told server', server)) {
    observations.push({ kind: 'service', subject: 'sender', protection: 'none', banner: server });
  }
  if (title && isNews(context, 'http told title', title)) {
    observations.push({ kind: 'identity', subject: 'sender', basis: 'hint', product: title });
  }
  if (realm && isNews(context, 'http told realm', realm)) {
    observations.push({ kind: 'identity', subject: 'sender', basis: 'hint', product: realm });
  }
  if (date && isNews(context, 'http told clock', true)) {
    const stated = timeOf(date);
    if (stated !== undefined) {
      observations.push({ kind: 'clock', stated, source: CLOCK_SOURCE });
    }
  }
}

function isNews(context: Context, key: string, value: string | true): boolean {
  if (context.recall(key) === value) {
    return false;
  }
  context.remember(key, value);
  return true;
}

/** `plc-7` from `plc-7:8080` and from `[fe80::7]:8080`. */
function nameOf(host: string): string {
  return host.replace(/:\d{1,5}$/, '').replace(/^\[(.*)\]$/, '$1');
}

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const DATE = /^\w{3}, (\d{2}) (\w{3}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/;

/** The preferred form of RFC 9110, section 5.6.7, which servers must send. */
function timeOf(date: string): number | undefined {
  const [, day, month = '', year, hour, minute, second] = DATE.exec(date) ?? [];
  const at = MONTHS.indexOf(month);
  if (day === undefined || at < 0 || at % 3 !== 0) {
    return undefined;
  }
  return Date.UTC(Number(year), at / 3, Number(day), Number(hour), Number(minute), Number(second)) * 1000;
}
