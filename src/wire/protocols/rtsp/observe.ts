import { type Context, NOTHING, type Reading } from '../../dissector.ts';
import type { Observation } from '../../observation.ts';
import type { Fields } from './fields.ts';
import { OPERATIONS } from './operations.ts';

/** Memory: what was told, and whether the server described what it has, and that no video is in it. */
const SERVER = 'rtsp told server';
const REALM = 'rtsp told realm';
const AGENT = 'rtsp told agent';
const USER = 'rtsp told user';
const CAMERA = 'rtsp told camera';
const NO_VIDEO = 'rtsp no video';

export function observe(reading: Reading<Fields>, context: Context): readonly Observation[] {
  const observations: Observation[] = [];
  if (reading.direction === 'request') {
    observeClient(reading, context, observations);
  } else {
    observeServer(reading, context, observations);
  }
  return observations.length > 0 ? observations : NOTHING;
}

function observeClient({ operation, fields }: Reading<Fields>, context: Context, observations: Observation[]): void {
  const { userAgent, authorization, user, media } = fields;
  if (userAgent && isNews(context, AGENT, userAgent)) {
    observations.push({ kind: 'identity', subject: 'sender', basis: 'hint', product: userAgent });
  }
  if (authorization && isNews(context, USER, `${authorization} ${user}`)) {
    const scheme = authorization.toLowerCase();
    const secret = scheme === 'basic' || scheme === 'url' ? 'sent' : 'protected';
    observations.push({ kind: 'credential', scheme: `RTSP ${scheme}`, ...(user ? { user } : {}), secret });
  }
  if (operation === OPERATIONS.announce && hasVideo(media)) {
    tellCamera('announces a video stream', context, observations);
  }
}

function observeServer(reading: Reading<Fields>, context: Context, observations: Observation[]): void {
  const { operation, refused, fields } = reading;
  const { server, realm, media } = fields;
  if (server && isNews(context, SERVER, server)) {
    observations.push({ kind: 'service', subject: 'sender', protection: 'none', banner: server });
  }
  if (realm && isNews(context, REALM, realm)) {
    observations.push({ kind: 'identity', subject: 'sender', basis: 'hint', product: realm });
  }
  if (refused !== undefined) {
    return;
  }
  if (hasVideo(media)) {
    tellCamera('offers a video stream', context, observations);
  } else if (media !== undefined) {
    context.remember(NO_VIDEO, true);
  } else if (operation === OPERATIONS.play && context.recall(NO_VIDEO) === undefined) {
    tellCamera('plays a stream', context, observations);
  }
}

function hasVideo(media: string | undefined): boolean {
  return media?.includes('video') === true;
}

function tellCamera(reason: string, context: Context, observations: Observation[]): void {
  if (isNews(context, CAMERA, true)) {
    observations.push({ kind: 'role', subject: 'sender', role: 'camera', reason, basis: 'behaviour' });
  }
}

function isNews(context: Context, key: string, value: string | true): boolean {
  if (context.recall(key) === value) {
    return false;
  }
  context.remember(key, value);
  return true;
}
