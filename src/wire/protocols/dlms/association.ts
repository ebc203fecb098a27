import { hexText } from '../../format.ts';
import type { Reader } from '../../reader.ts';
import { Ber, Tag } from '../../stack/ber.ts';
import { fromWire } from '../../text.ts';
import type { Draft } from './fields.ts';

/** IEC 62056-5-3, section 8.5 (COSEM-ACSE-APDUs). */
const CONTEXT_NAME = 0xa1;
const CALLING_TITLE = 0xa6;
const CALLED_MECHANISM = 0x89;
const CALLING_MECHANISM = 0x8b;
const CALLING_SECRET = 0xac;
const RESULT = 0xa2;
const DIAGNOSTIC = 0xa3;
const RESPONDING_TITLE = 0xa4;
const USER_DIAGNOSTIC = 0xa1;
const SYSTEM_TITLE = 8;

const DIAGNOSTICS: ReadonlyMap<number, string> = new Map([
  [1, 'no reason given'],
  [2, 'application context not supported'],
  [3, 'calling title not recognised'],
  [4, 'calling title invalid'],
  [11, 'authentication mechanism not recognised'],
  [12, 'authentication mechanism required'],
  [13, 'authentication failure'],
  [14, 'authentication required'],
]);

/** Reads who wants to associate, or what became of it. Returns which rule the message breaks, if any. */
export function readAssociation(reader: Reader, tag: number, draft: Draft): string | undefined {
  const { fields } = draft;
  const elements = Ber.of(reader, 0).expect(tag).children();
  let result = 0;
  let diagnostic = 0;
  while (elements.next()) {
    switch (elements.tag) {
      case CONTEXT_NAME:
        fields.context = lastOf(elements.children().expect(Tag.oid).bytes());
        break;
      case CALLING_TITLE:
      case RESPONDING_TITLE: {
        const title = elements.children().expect(Tag.octetString).bytes();
        if (title.length === SYSTEM_TITLE) {
          fields.systemTitle = titleText(title);
        }
        break;
      }
      case CALLED_MECHANISM:
      case CALLING_MECHANISM:
        fields.mechanism = lastOf(elements.bytes());
        break;
      case CALLING_SECRET:
        fields.secretSent = true;
        break;
      case RESULT:
        result = elements.children().expect(Tag.integer).integer();
        fields.result = result;
        break;
      case DIAGNOSTIC: {
        const source = elements.children();
        source.next();
        const isUser = source.tag === USER_DIAGNOSTIC;
        diagnostic = isUser ? source.children().expect(Tag.integer).integer() : 0;
        break;
      }
      default:
    }
  }
  if (result !== 0) {
    draft.refused = DIAGNOSTICS.get(diagnostic) ?? (diagnostic === 0 ? 'rejected' : `diagnostic ${diagnostic}`);
  }
  return elements.problem;
}

/** `KFM` and ten hex digits: the maker's three letters, and what it numbers its devices by. */
export function titleText(title: Uint8Array): string {
  const maker = title.subarray(0, 3);
  return maker.every((letter) => letter >= 0x41 && letter <= 0x5a)
    ? `${fromWire(maker, 'latin-1', 3)} ${hexText(title.subarray(3))}`
    : hexText(title);
}

/** Names of contexts and mechanisms differ in their last arc only. */
function lastOf(name: Uint8Array): number {
  return name[name.length - 1] ?? 0;
}
