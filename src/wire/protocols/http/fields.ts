import type { NtlmMessage } from '../../stack/ntlmssp.ts';

/** What is said of an HTTP message. */
export interface Fields {
  readonly method?: string;
  readonly target?: string;
  readonly host?: string;
  readonly userAgent?: string;
  readonly status?: number;
  readonly server?: string;
  readonly contentType?: string;
  readonly location?: string;
  readonly upgrade?: string;
  readonly title?: string;
  readonly realm?: string;
  readonly date?: string;
  readonly authorization?: string;
  readonly user?: string;
  readonly form?: boolean;
  readonly ntlm?: NtlmMessage;
}
