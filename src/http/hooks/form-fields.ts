const CRLF = '\r\n';
/** Longer heads of parts are none. */
const LONGEST_HEAD = 8 * 1024;

/** Of `multipart/form-data`: what stands between its parts (RFC 2046 section 5.1.1); null: it is none. */
export function boundaryOf(contentType: string): string | null {
  if (!/^multipart\/form-data\b/i.test(contentType)) return null;
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]{1,70})"|([\w'()+,./:=?-]{1,70}))/i.exec(contentType) ?? [];
  return quoted ?? plain ?? null;
}

/**
 * The fields of a `multipart/form-data` body (RFC 7578) in the other form that forms have, `application/x-www-form-urlencoded`, without
 * its files. It is never held as a whole. Where it breaks off, the fields end.
 */
export async function* formFields(body: AsyncIterable<Uint8Array>, boundary: string): AsyncGenerator<Uint8Array> {
  const delimiter = Buffer.from(`${CRLF}--${boundary}`);
  // The first one may be at the very beginning.
  let rest = Buffer.from(CRLF);
  let within: 'file' | 'head' | 'field' = 'file';
  let isFirst = true;
  for await (const chunk of body) {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      if (within === 'head') {
        // Two dashes after a delimiter end the body.
        if (rest.toString('latin1', 0, 2) === '--') return;
        const end = rest.indexOf(CRLF + CRLF);
        if (end > LONGEST_HEAD || (end === -1 && rest.length > LONGEST_HEAD)) return;
        if (end === -1) break;
        const name = fieldName(rest.toString('utf8', 0, end));
        within = name === null ? 'file' : 'field';
        if (name !== null) yield Buffer.from(`${isFirst ? '' : '&'}${encodeURIComponent(name)}=`);
        isFirst &&= name === null;
        rest = rest.subarray(end + 2 * CRLF.length);
        continue;
      }
      const at = rest.indexOf(delimiter);
      const content = rest.subarray(0, at === -1 ? Math.max(0, rest.length - delimiter.length + 1) : at);
      if (within === 'field') yield escaped(content);
      rest = rest.subarray(content.length + (at === -1 ? 0 : delimiter.length));
      if (at === -1) break;
      within = 'head';
    }
  }
}

/** Null: it is a file, or has no name. */
function fieldName(head: string): string | null {
  if (/;\s*filename\*?=/i.test(head)) return null;
  return /;\s*name="([^"]*)"/i.exec(head)?.[1] ?? null;
}

function escaped(bytes: Buffer): Buffer {
  return Buffer.from(
    bytes.toString('latin1').replace(/[^\w.~-]/g, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`),
  );
}
