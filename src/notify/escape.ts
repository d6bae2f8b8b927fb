import { cleanLines, shortened } from '../redaction/clean-text.ts';

/** Invisible, and between `@` and a name it keeps the two from being a mention. */
const ZERO_WIDTH_SPACE = '\u{200b}';

/**
 * The first `limit` characters at most of a text without control characters. Use it before escaping, or half an escape
 * sequence could be left.
 */
export function bounded(text: string, limit: number): string {
  return shortened(cleanLines(text), limit);
}

/** The same for a text that may have at most `limit` characters when it is escaped. */
export function boundedEscaped(text: string, escape: (text: string) => string, limit: number): string {
  let length = limit;
  let escaped = escape(bounded(text, length));
  while (escaped.length > limit) {
    length = Math.floor(length * 0.8);
    escaped = escape(bounded(text, length));
  }
  return escaped;
}

/** For Slack's mrkdwn: `<!channel>`, links and entities become the characters that they are written with. */
export function forSlack(text: string): string {
  // Without verbatim parsing Slack looks for nothing else; what is left is bold and the like, which does no harm.
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** For Discord's markdown. Mentions are switched off beside the text; this keeps them from looking like some. */
export function forDiscord(text: string): string {
  return text.replace(/[\\*_~`|<>[\]#@]/g, '\\$&');
}

/** For Telegram's HTML, which makes mentions and commands out of plain text. */
export function forTelegram(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/(^|\W)([@#])(?=\w)/g, `$1$2${ZERO_WIDTH_SPACE}`)
    .replace(/(^|[\s([{"'])(\/)(?=\w)/g, `$1$2${ZERO_WIDTH_SPACE}`);
}
