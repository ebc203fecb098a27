import type { Mutable } from '../../../kit/mutable.ts';
import type { Context, Direction, Operation, Reading } from '../../dissector.ts';
import type { Reader } from '../../reader.ts';
import {
  readArray,
  readDataValue,
  readExtensionObject,
  readLocalizedText,
  readNodeId,
  readStandardId,
  readString,
  readTime,
  skipDiagnosticInfo,
  skipString,
  type Value,
} from './binary.ts';
import { policyName, SECURITY_MODES, TOKEN_KINDS } from './security.ts';
import { refusalOf } from './status.ts';

export interface Fields {
  readonly messageType: string;
  readonly serviceId?: number;
  readonly channelId?: number;
  readonly requestId?: number;
  readonly securityPolicy?: string;
  readonly securityMode?: string;
  readonly endpointUrl?: string;
  readonly statusCode?: number;
  readonly reason?: string;
  readonly application?: Application;
  readonly endpoints?: readonly Endpoint[];
  readonly applications?: readonly Application[];
  readonly sessionName?: string;
  readonly userToken?: string;
  readonly userName?: string;
  readonly passwordProtected?: boolean;
  readonly count?: number;
  readonly nodes?: readonly string[];
  readonly publishingInterval?: number;
  readonly lifetime?: number;
  readonly sentAt?: number;
  readonly build?: Build;
}

/** ApplicationDescription (OPC 10000-4, section 7.2). */
export interface Application {
  readonly uri: string;
  readonly productUri: string;
  readonly name: string;
  /** 0 server, 1 client, 2 both, 3 discovery server. */
  readonly type: number;
  readonly urls: readonly string[];
}

/** EndpointDescription (OPC 10000-4, section 7.14). */
export interface Endpoint {
  readonly url: string;
  readonly securityMode: string;
  readonly securityPolicy: string;
  readonly userTokens: readonly string[];
}

/** BuildInfo (OPC 10000-5, section 12.4). */
export interface Build {
  readonly productUri?: string;
  readonly manufacturer?: string;
  readonly product?: string;
  readonly software?: string;
  readonly build?: string;
}

export interface Service {
  readonly direction: Direction;
  readonly operation: Operation;
  readonly fields: Fields;
}

const MOST_NODES = 16;
const MOST_DESCRIPTIONS = 32;
const MOST_URLS = 8;
const HASHED = 64;

/** The services whose parameters are read; of the others the result is. */
const GET_ENDPOINTS = 428;
const GET_ENDPOINTS_ANSWER = 431;
const FIND_SERVERS_ANSWER = 425;
const OPEN_CHANNEL = 446;
const CREATE_SESSION = 461;
const CREATE_SESSION_ANSWER = 464;
const ACTIVATE_SESSION = 467;
const ADD_NODES_ANSWER = 491;
const DELETE_NODES = 500;
const DELETE_NODES_ANSWER = 503;
const READ = 631;
const READ_ANSWER = 634;
const WRITE = 673;
const WRITE_ANSWER = 676;
const CALL = 712;
const CALL_ANSWER = 715;
const CREATE_SUBSCRIPTION_ANSWER = 790;

/** User identity tokens (OPC 10000-6, annex A, binary encodings). */
const TOKENS: ReadonlyMap<number, string> = new Map([
  [321, TOKEN_KINDS[0]],
  [324, TOKEN_KINDS[1]],
  [327, TOKEN_KINDS[2]],
  [940, TOKEN_KINDS[3]],
]);
const USER_NAME_TOKEN = 324;

export function readService(reader: Reader, context: Context, service: Service): Reading<Fields> {
  return service.direction === 'request' ? readRequest(reader, service) : readAnswer(reader, context, service);
}

function readRequest(reader: Reader, { direction, operation, fields }: Service): Reading<Fields> {
  const pair = fields.requestId ?? 0;
  switch (fields.serviceId) {
    case READ:
    case WRITE:
    case CALL:
    case DELETE_NODES:
      return readOnNodes(reader, operation, fields);
    case OPEN_CHANNEL:
    case GET_ENDPOINTS:
    case CREATE_SESSION:
    case ACTIVATE_SESSION: {
      skipRequestHeader(reader);
      const said = readSessionRequest(reader, fields.serviceId);
      return { direction, operation, pair, proves: true, fields: { ...fields, ...said } };
    }
    default:
      // Closing a channel is not answered.
      return fields.messageType === 'CLO' ? { direction, operation, fields } : { direction, operation, pair, fields };
  }
}

function readSessionRequest(reader: Reader, serviceId: number): Partial<Fields> {
  switch (serviceId) {
    case OPEN_CHANNEL: {
      reader.skip(8); // version, issue or renew
      return { securityMode: SECURITY_MODES[reader.u32le()] ?? SECURITY_MODES[0] };
    }
    case GET_ENDPOINTS:
      return { endpointUrl: readString(reader) };
    case CREATE_SESSION: {
      const application = readApplication(reader);
      skipString(reader); // server URI
      const endpointUrl = readString(reader);
      return { application, endpointUrl, sessionName: readString(reader) };
    }
    default:
      return readActivateSession(reader);
  }
}

function skipRequestHeader(reader: Reader): void {
  readStandardId(reader); // authentication token
  reader.skip(16); // time, handle, diagnostics wanted
  skipString(reader); // audit entry
  reader.skip(4); // timeout
  readExtensionObject(reader);
}

/** Section 5.6.3: who signs in, and whether the password travels in clear. */
function readActivateSession(reader: Reader): Partial<Fields> {
  skipString(reader); // algorithm
  skipString(reader); // signature
  readArray(reader, () => {
    skipString(reader);
    skipString(reader);
  });
  readArray(reader, () => {
    skipString(reader); // locale
  });
  const { type, body } = readExtensionObject(reader);
  const userToken = TOKENS.get(type);
  if (type !== USER_NAME_TOKEN) {
    return userToken === undefined ? {} : { userToken };
  }
  skipString(body); // policy
  const userName = readString(body);
  skipString(body); // password
  return { userToken: TOKEN_KINDS[1], userName, passwordProtected: skipString(body) > 0 };
}

/** Read, Write, Call and DeleteNodes: a list of nodes. It is read as far as the end of each item is known. */
function readOnNodes(reader: Reader, operation: Operation, fields: Fields): Reading<Fields> {
  skipRequestHeader(reader);
  if (fields.serviceId === READ) {
    reader.skip(12); // maximal age, timestamps wanted
  }
  const like = hashAhead(reader);
  const count = Math.max(0, reader.i32le());
  reader.expect(count);
  const nodes: string[] = [];
  let known = true;
  while (known && nodes.length < Math.min(count, MOST_NODES) && !reader.truncated && reader.step()) {
    nodes.push(readNodeId(reader));
    known = skipNodeParameters(reader, fields.serviceId, nodes);
  }
  const target = nodes[0];
  return {
    direction: 'request',
    operation,
    pair: fields.requestId ?? 0,
    like,
    ...(target === undefined ? {} : { target }),
    fields: { ...fields, count, nodes },
  };
}

/** What follows a node id in its list; false where its end is not known. */
function skipNodeParameters(reader: Reader, serviceId: number | undefined, nodes: string[]): boolean {
  switch (serviceId) {
    case READ:
      reader.skip(4); // attribute
      skipString(reader); // index range
      reader.skip(2); // data encoding, a qualified name
      skipString(reader);
      return true;
    case WRITE:
      reader.skip(4);
      skipString(reader);
      return readDataValue(reader) !== undefined;
    case DELETE_NODES:
      reader.skip(1); // target references too
      return true;
    default:
      nodes.push(readNodeId(reader)); // the method of the object; its arguments follow
      return false;
  }
}

/** Tells like lists of nodes from others: the same question comes with the same bytes. */
function hashAhead(reader: Reader): number {
  const length = Math.min(HASHED, reader.remaining);
  let hash = 0x811c9dc5;
  for (let at = 0; at < length; at++) {
    hash = Math.imul(hash ^ reader.peek(at), 0x01000193);
  }
  return hash >>> 0;
}

function readAnswer(reader: Reader, context: Context, { operation, fields }: Service): Reading<Fields> {
  const pair = fields.requestId ?? 0;
  const sentAt = readTime(reader);
  reader.skip(4); // handle
  const statusCode = reader.u32le();
  const refused = refusalOf(statusCode);
  if (refused !== undefined) {
    return { direction: 'response', operation, pair, refused, fields: { ...fields, statusCode } };
  }
  if (!tells(fields.serviceId)) {
    return { direction: 'response', operation, pair, fields };
  }
  skipDiagnosticInfo(reader);
  readArray(reader, () => {
    skipString(reader);
  });
  readExtensionObject(reader);
  const said = readResult(reader, context, fields, sentAt);
  if (said.statusCode !== undefined) {
    const refusal = refusalOf(said.statusCode) ?? 'refused';
    return { direction: 'response', operation, pair, refused: refusal, fields: { ...fields, ...said } };
  }
  return { direction: 'response', operation, pair, fields: { ...fields, ...said } };
}

function tells(serviceId: number | undefined): boolean {
  switch (serviceId) {
    case OPEN_CHANNEL + 3:
    case GET_ENDPOINTS_ANSWER:
    case FIND_SERVERS_ANSWER:
    case CREATE_SESSION_ANSWER:
    case ADD_NODES_ANSWER:
    case DELETE_NODES_ANSWER:
    case READ_ANSWER:
    case WRITE_ANSWER:
    case CALL_ANSWER:
    case CREATE_SUBSCRIPTION_ANSWER:
      return true;
    default:
      return false;
  }
}

function readResult(reader: Reader, context: Context, fields: Fields, sentAt: number): Partial<Fields> {
  switch (fields.serviceId) {
    case FIND_SERVERS_ANSWER:
      return { applications: readApplications(reader) };
    case GET_ENDPOINTS_ANSWER:
      return readEndpoints(reader);
    case CREATE_SESSION_ANSWER:
      readStandardId(reader); // session
      readStandardId(reader); // authentication token
      reader.skip(8); // timeout
      skipString(reader); // nonce
      skipString(reader); // certificate
      return { ...readEndpoints(reader), sentAt };
    case READ_ANSWER: {
      const build = readBuild(reader, context, fields.requestId ?? 0);
      return build === undefined ? {} : { build };
    }
    case ADD_NODES_ANSWER:
    case DELETE_NODES_ANSWER:
    case WRITE_ANSWER:
    case CALL_ANSWER:
      return readResults(reader, fields.serviceId);
    case CREATE_SUBSCRIPTION_ANSWER: {
      reader.skip(4); // subscription
      const publishingInterval = reader.f64le();
      return { publishingInterval, lifetime: reader.u32le() };
    }
    default:
      return { sentAt };
  }
}

/** The status of each node. An answer whose every status is bad carried out nothing. */
function readResults(reader: Reader, serviceId: number): Partial<Fields> {
  const count = Math.max(0, reader.i32le());
  const plain = serviceId === WRITE_ANSWER || serviceId === DELETE_NODES_ANSWER;
  if (count === 0 || (count > 1 && !plain)) {
    return { count };
  }
  let bad = 0;
  let statusCode = 0;
  reader.repeat(count, () => {
    const status = reader.u32le();
    if (refusalOf(status) !== undefined) {
      bad++;
      statusCode = status;
    }
  });
  return bad === count ? { count, statusCode } : { count };
}

function readApplications(reader: Reader): readonly Application[] {
  const applications: Application[] = [];
  readArray(reader, () => {
    const application = readApplication(reader);
    if (applications.length < MOST_DESCRIPTIONS) {
      applications.push(application);
    }
  });
  return applications;
}

function readApplication(reader: Reader): Application {
  const uri = readString(reader);
  const productUri = readString(reader);
  const name = readLocalizedText(reader);
  const type = reader.u32le();
  skipString(reader); // gateway server
  skipString(reader); // discovery profile
  const urls: string[] = [];
  readArray(reader, () => {
    const url = readString(reader);
    if (urls.length < MOST_URLS) {
      urls.push(url);
    }
  });
  return { uri, productUri, name, type, urls };
}

function readEndpoints(reader: Reader): Partial<Fields> {
  const endpoints: Endpoint[] = [];
  let application: Application | undefined;
  readArray(reader, () => {
    const url = readString(reader);
    const server = readApplication(reader);
    skipString(reader); // certificate
    const securityMode = SECURITY_MODES[reader.u32le()] ?? SECURITY_MODES[0];
    const securityPolicy = policyName(readString(reader));
    const userTokens = readUserTokens(reader);
    skipString(reader); // transport profile
    reader.skip(1); // security level
    application ??= server;
    if (endpoints.length < MOST_DESCRIPTIONS) {
      endpoints.push({ url, securityMode, securityPolicy, userTokens });
    }
  });
  return application === undefined ? { endpoints } : { application, endpoints };
}

function readUserTokens(reader: Reader): readonly string[] {
  const kinds: string[] = [];
  readArray(reader, () => {
    skipString(reader); // policy
    const kind = TOKEN_KINDS[reader.u32le()] ?? 'unknown';
    skipString(reader); // issued token type
    skipString(reader); // issuer
    skipString(reader); // security policy
    if (!kinds.includes(kind)) {
      kinds.push(kind);
    }
  });
  return kinds;
}

/** Nodes of the server object that say what it is (OPC 10000-6, annex A). */
const SERVER_STATUS = 'i=2256';
const BUILD_INFO = 'i=2260';
const BUILD_NODES: ReadonlyMap<string, keyof Build> = new Map([
  ['i=2261', 'product'],
  ['i=2262', 'productUri'],
  ['i=2263', 'manufacturer'],
  ['i=2264', 'software'],
  ['i=2265', 'build'],
]);
/** Binary encodings of the structures that hold them. */
const BUILD_INFO_TYPE = 340;
const SERVER_STATUS_TYPE = 864;

/** The answer to a read has values only; the question says of which nodes. */
function readBuild(reader: Reader, context: Context, requestId: number): Build | undefined {
  const asked = (context.question(requestId)?.fields as Fields | undefined)?.nodes;
  if (asked === undefined || !asked.some(isBuildNode)) {
    return undefined;
  }
  const build: BuildDraft = {};
  const count = Math.min(Math.max(0, reader.i32le()), asked.length);
  for (let index = 0; index < count && !reader.truncated && reader.step(); index++) {
    const value = readDataValue(reader);
    if (value === undefined) {
      break;
    }
    addToBuild(build, asked[index] ?? '', value);
  }
  return Object.keys(build).length > 0 ? build : undefined;
}

type BuildDraft = Mutable<Build>;

function addToBuild(build: BuildDraft, node: string, { structure, text }: Value): void {
  if (structure?.type === SERVER_STATUS_TYPE) {
    structure.body.skip(20); // start, current time, state
    Object.assign(build, readBuildInfo(structure.body));
  } else if (structure?.type === BUILD_INFO_TYPE) {
    Object.assign(build, readBuildInfo(structure.body));
  } else if (text) {
    const part = BUILD_NODES.get(node);
    if (part !== undefined) {
      build[part] = text;
    }
  }
}

function isBuildNode(node: string): boolean {
  return node === SERVER_STATUS || node === BUILD_INFO || BUILD_NODES.has(node);
}

function readBuildInfo(reader: Reader): Build {
  return {
    productUri: readString(reader),
    manufacturer: readString(reader),
    product: readString(reader),
    software: readString(reader),
    build: readString(reader),
  };
}
