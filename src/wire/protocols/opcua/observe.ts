import { type Context, NOTHING, type Reading } from '../../dissector.ts';
import { known, type Observation } from '../../observation.ts';
import type { Application, Build, Fields } from './messages.ts';
import { isUnprotected, POLICY, SIGNED, TOKEN_KINDS } from './security.ts';
import { OPERATIONS } from './services.ts';

/** Memory: the protection of the channel was told. */
const TOLD = 'opcua protection told';

export function observe(reading: Reading<Fields>, context: Context): readonly Observation[] {
  const { operation, direction, fields } = reading;
  switch (operation) {
    case OPERATIONS.hello:
      return direction === 'request' ? observeHello(fields) : NOTHING;
    case OPERATIONS.openSecureChannel:
      return direction === 'response' ? observeChannel(reading, context) : NOTHING;
    case OPERATIONS.getEndpoints:
    case OPERATIONS.createSession:
      return fields.application === undefined ? NOTHING : observeApplication(fields.application, fields);
    case OPERATIONS.findServers:
      return fields.applications === undefined ? NOTHING : fields.applications.flatMap(observeServers);
    case OPERATIONS.activateSession:
      return fields.userToken === undefined ? NOTHING : observeUser(fields, context);
    case OPERATIONS.read:
      return fields.build === undefined ? observeProtection(context) : [observeBuild(fields.build)];
    case OPERATIONS.createSubscription:
      return observeSubscription(fields);
    default:
      return observeProtection(context);
  }
}

function observeHello({ endpointUrl }: Fields): readonly Observation[] {
  const requestedName = hostOf(endpointUrl ?? '');
  return requestedName ? [{ kind: 'service', subject: 'receiver', requestedName }] : NOTHING;
}

function observeChannel({ fields }: Reading<Fields>, context: Context): readonly Observation[] {
  const observations: Observation[] = [];
  if (isUnprotected(context)) {
    context.remember(TOLD, true);
    observations.push({ kind: 'service', subject: 'sender', protection: 'none', version: 'None' });
  }
  if (fields.sentAt) {
    observations.push({ kind: 'clock', stated: fields.sentAt, source: 'OPC UA' });
  }
  return observations;
}

/** Whether a policy signs or encrypts shows only in the messages that follow. */
function observeProtection(context: Context): readonly Observation[] {
  const policy = context.recall(POLICY);
  if (policy === undefined || context.recall(TOLD) === true) {
    return NOTHING;
  }
  context.remember(TOLD, true);
  if (isUnprotected(context)) {
    return [{ kind: 'service', subject: server(context), protection: 'none', version: 'None' }];
  }
  const protection = context.recall(SIGNED) === true ? 'signed' : 'encrypted';
  return [{ kind: 'service', subject: server(context), protection, version: String(policy) }];
}

function server(context: Context): 'sender' | 'receiver' {
  return context.fromClient ? 'receiver' : 'sender';
}

function observeApplication(application: Application, { sentAt }: Fields): readonly Observation[] {
  const identity = known({ product: application.name || application.productUri });
  const observations: Observation[] =
    identity.product === undefined ? [] : [{ kind: 'identity', subject: 'sender', basis: 'announcement', ...identity }];
  if (sentAt) {
    observations.push({ kind: 'clock', stated: sentAt, source: 'OPC UA' });
  }
  return observations;
}

/** A discovery server speaks about others: only an address that it states says whom. */
function observeServers({ urls }: Application): readonly Observation[] {
  return urls.flatMap((url): readonly Observation[] => {
    const match = /^opc\.tcp:\/\/(\d{1,3}(?:\.\d{1,3}){3}):(\d{1,5})(?:\/|$)/.exec(url);
    const [, address = '', port = ''] = match ?? [];
    return match ? [{ kind: 'service', subject: { address }, port: Number(port) }] : NOTHING;
  });
}

/** In clear only: a password that is encrypted by itself, and any sign-in on a protected channel, is not. */
function observeUser({ userToken, userName, passwordProtected }: Fields, context: Context): readonly Observation[] {
  const scheme = 'OPC UA';
  if (!isUnprotected(context)) {
    return NOTHING;
  }
  if (userToken === TOKEN_KINDS[0]) {
    return [{ kind: 'credential', scheme, secret: 'none' }];
  }
  if (userToken !== TOKEN_KINDS[1]) {
    return NOTHING;
  }
  const secret = passwordProtected ? 'protected' : 'sent';
  return [{ kind: 'credential', scheme, ...(userName ? { user: userName } : {}), secret }];
}

function observeBuild({ manufacturer, product, productUri, software, build }: Build): Observation {
  const firmware = software && build && build !== software ? `${software} (${build})` : software || build;
  const identity = known({ vendor: manufacturer, product: product || productUri, firmware });
  return { kind: 'identity', subject: 'sender', basis: 'identification', ...identity };
}

function observeSubscription({ publishingInterval, lifetime }: Fields): readonly Observation[] {
  if (publishingInterval === undefined || !(publishingInterval > 0) || publishingInterval > 1e12) {
    return NOTHING;
  }
  const period = publishingInterval * 1000;
  return [{ kind: 'cycle', period, ...(lifetime ? { timeout: period * lifetime } : {}) }];
}

/** The host of `opc.tcp://plc-7:4840/server`. */
function hostOf(url: string): string {
  const start = url.indexOf('://');
  const end = /[:/]/.exec(url.slice(start + 3));
  return start < 0 ? '' : url.slice(start + 3, end ? start + 3 + end.index : undefined);
}
