import { cleanLines } from '../../redaction/clean-text.ts';

/** Invisible, and between `@` and a name it keeps the two from being a mention. */
const ZERO_WIDTH_SPACE = '\u{200b}';

/**
 * The first `limit` characters at most of a text without control characters. Use it before escaping, or half an escape
 * sequence could be left.
 */
export function bounded(text: string, limit: number): string {
  const clean = cleanLines(text);
  // A half of a character at the cut is cleaned away.
  return clean.length <= limit ? clean : `${cleanLines(clean.slice(0, Math.max(0, limit - 1))).trimEnd()}…`;
}

/** The same for a text that may have at most `limit` characters when it is escaped. */
export function boundedEscaped(text: string, escape: (text: string) => string, limit: number): string {
  for (let length = limit; ; length = Math.floor(length * 0.8)) {
    const escaped = escape(bounded(text, length));
    if (escaped.length <= limit) return escaped;
  }
}

/** A name of a host, or what a chat may take for one; also with the dots and vowel signs of other scripts, which browsers accept. */
const DOTTED = /[\p{L}\p{M}\p{N}_-]+(?:[.\u{3002}\u{ff0e}\u{ff61}][\p{L}\p{M}\p{N}_-]+)+/gu;
/** A chat may end a name before these, and we write none. */
const ODD_DOT = /[\u{3002}\u{ff0e}\u{ff61}]/u;
const DOT = /[.\u{3002}\u{ff0e}\u{ff61}]/gu;

/** Ends of keys and places in answers, of which we speak ourselves, and which are no domain anywhere. */
const NO_DOMAIN = new Set(
  'state status statusCode connected connection connectionStatus path token tokenFile message error code yaml json csv grace every'.split(
    ' ',
  ),
);

/**
 * Makes addresses in a text into what no chat turns into a link: `https[:]//evil[.]example`. Telegram makes links even of
 * bare names, Discord and Teams of all that begins like a URL, and no setting keeps them from it.
 */
export function withoutLinks(text: string): string {
  return text.replaceAll('://', '[:]//').replace(DOTTED, (name) => {
    const last = name.split(DOT).at(-1) ?? '';
    const isDomain = /^\p{L}[\p{L}\p{M}\p{N}-]+$/u.test(last) && !NO_DOMAIN.has(last);
    return isDomain || ODD_DOT.test(name) || /^\d{1,3}(?:\.\d{1,3}){3}$/.test(name) ? name.replace(DOT, '[.]') : name;
  });
}

/** For Slack's mrkdwn: `<!channel>`, links and entities become the characters that they are written with. */
export function forSlack(text: string): string {
  // Without verbatim parsing Slack looks for nothing else; what is left is bold and the like, which does no harm.
  return withoutLinks(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** For Discord's markdown. Mentions are switched off beside the text; this keeps them from looking like some. */
export function forDiscord(text: string): string {
  return withoutLinks(text).replace(/[\\*_~`|<>[\]#@]/g, '\\$&');
}

/** For Telegram's HTML, which makes mentions and commands out of plain text. */
export function forTelegram(text: string): string {
  return withoutLinks(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/(^|\W)([@#])(?=\w)/g, `$1$2${ZERO_WIDTH_SPACE}`)
    .replace(/(^|[\s([{"'])(\/)(?=\w)/g, `$1$2${ZERO_WIDTH_SPACE}`);
}

/** For plain text that somebody passes on: Apprise looks for mentions of Discord and Slack by itself, and calls everyone. */
export function forPassingOn(text: string): string {
  return withoutLinks(text)
    .replace(/@(?=\w)/g, `@${ZERO_WIDTH_SPACE}`)
    .replace(/<(?=[!@#])/g, `<${ZERO_WIDTH_SPACE}`);
}
