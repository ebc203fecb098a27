export interface Fields {
  method?: string;
  url?: string;
  status?: number;
  sequence?: number;
  server?: string;
  userAgent?: string;
  contentType?: string;
  transport?: string;
  date?: string;
  realm?: string;
  authorization?: string;
  user?: string;
  mediaFrames?: number;
  media?: string;
}

export const FIELDS: { readonly [Field in keyof Required<Fields>]: string } = {
  method: 'What is asked for',
  url: 'Stream or presentation that it is asked of, without a user',
  status: 'Three digits of the answer',
  sequence: 'Pairs an answer with its question',
  server: 'Program of the server, as it says',
  userAgent: 'Program of the client, as it says',
  contentType: 'Kind of the body',
  transport: 'How the media are to be sent, or are sent',
  date: 'Time of the sender, as it says',
  realm: 'What the server asks to sign in to',
  authorization: 'Scheme by which the user signs in; `URL` where name and password are in the address',
  user: 'Name of the user who signs in',
  mediaFrames: 'Frames of media that this side sent in the same connection since its last message',
  media: 'Kinds of media that the description lists',
};
