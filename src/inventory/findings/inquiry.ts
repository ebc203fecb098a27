import type { Conversation } from '../conversation.ts';
import type { Finding, Inquiry } from './finding.ts';

/** Each conversation is judged by itself. */
export function each(judge: (conversation: Conversation) => readonly Finding[]): Inquiry {
  return gathering(judge, (found) => found);
}

/** Something is picked from each conversation, and judged when all were seen. */
export function gathering<T>(
  pick: (conversation: Conversation) => readonly T[],
  judge: (picked: readonly T[]) => readonly Finding[],
): Inquiry {
  const picked: T[] = [];
  return {
    see(conversation) {
      for (const one of pick(conversation)) {
        picked.push(one);
      }
    },
    finish: () => judge(picked),
  };
}

/** Several inquiries as one: what they tell stands in their order. */
export function together(...inquiries: readonly Inquiry[]): Inquiry {
  return {
    see(conversation) {
      for (const inquiry of inquiries) {
        inquiry.see?.(conversation);
      }
    },
    finish: () => inquiries.flatMap((inquiry) => inquiry.finish()),
  };
}
